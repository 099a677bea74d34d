import { createServer, ServerResponse, type Server, type ServerOptions } from 'node:http'
import { createServer as createSecureServer, Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { authority } from '../../kernel/authority.ts'
import { BanyanError, messageOf } from '../../kernel/errors.ts'
import { hasBadCertificate } from '../../security/client-certificate.ts'
import type { ServerCertificates } from '../../security/server-certificates.ts'
import { listeningTls } from '../../security/tls.ts'
import { asksForWire } from '../wire/handshake.ts'
import { WireSurface } from '../wire/surface.ts'
import { answerClientError } from './client-error.ts'
import { isWithin } from './body.ts'
import { dispatch, fail, isForeign, type DispatchContext } from './dispatch.ts'
import { endpointTable } from './endpoint.ts'
import { Exchange } from './exchange.ts'
import { extraEndpoint, frameworkEndpoints } from './framework-endpoints.ts'
import { peerEndpoints, publicEndpoints } from './operation-endpoints.ts'
import { defaultLimits, type HttpLimits, type HttpServerOptions } from './options.ts'
import type { OutcomeStatus } from './outcome-meter.ts'
import { Lane } from './lane/lane.ts'
import { pages } from './pages.ts'
import { RequestsInFlight } from './requests-in-flight.ts'
import { Traffic } from './traffic.ts'
import { Watchers } from './watchers.ts'

/** A listening HTTP surface. Disposing of it drains for at most 10 s. */
export interface HttpServer extends AsyncDisposable {
  /** `http://127.0.0.1:3000`, or `https://` where it listens with TLS. */
  readonly url: string
  readonly port: number
  /** Share of the requests that may be answered at once, 0 to 1, and their number. */
  readonly load: { readonly share: number; readonly inFlight: number }
  /** How operations fare with requests from outside that came here, by name; only those asked for. */
  operations(): Readonly<Record<string, OutcomeStatus>>
  /** `/readyz` answers 503 from now on, and each connection ends with its next answer; everything is still served. */
  leave(): void
  /** Accepts no more connections, finishes what has begun, and cuts what is not finished within `deadlineMs`. */
  drain(deadlineMs: number): Promise<void>
}

const DISPOSE_MS = 10_000
const LAST_PORT = 65_535
/** Watched queries answered anew at once. */
const TURNS = 16
/** Time for a request that is on its way when the last one has been answered. */
const GRACE_MS = 50

/** Listens, and answers the app's operations over HTTP. Throws `port_in_use`, or `invalid_configuration` for an address that cannot be listened on. */
export async function httpServer(options: HttpServerOptions): Promise<HttpServer> {
  const limits = { ...defaultLimits, ...options.limits }
  const { log, tls } = options
  const certificates = options.foreign?.certificates
  const secure = certificates?.options ?? listeningTls(tls)
  let isLeaving = false
  const leaving = () => isLeaving
  const traffic = new Traffic(options)
  const inFlight = new RequestsInFlight(
    limits.inFlight,
    (exchange, error) => fail(error, exchange, { log, leaving }),
    (exchange) => traffic.ended(exchange),
  )
  const endpointContext = { options, limits, inFlight, traffic, watchers: new Watchers(limits.watchers, TURNS), leaving }
  const table = endpointTable([
    ...frameworkEndpoints(options, leaving),
    ...publicEndpoints(endpointContext),
    ...peerEndpoints(endpointContext),
    ...(options.extra ?? []).map((route) => extraEndpoint(route, endpointContext)),
  ])
  const { peer } = options
  const wire = peer && new WireSurface({ ...options, peer }, limits)
  const context = { table, foreign: options.foreign, pages: options.pages && pages(options.pages), inFlight, traffic, leaving, log, tls }
  const server = serverOf(limits, context, { wire, secure })
  const lane = new Lane(server, { ...limits, checkMs: checkMs(limits) }, (request, response, body) => dispatch(request, response, body, context))
  if (certificates && server instanceof SecureServer) followCertificates(server, certificates)
  await listen(server, options)

  const { port } = server.address() as AddressInfo
  let draining: Promise<void> | undefined
  const listening: HttpServer = {
    url: `http${secure ? 's' : ''}://${authority(reached(options.host), port)}`,
    port,
    get load() {
      const { taken, limit } = wire?.places ?? { taken: 0, limit: 1 }
      return { share: Math.max(inFlight.share, taken / limit), inFlight: inFlight.size + taken }
    },
    operations: () => traffic.status(),
    leave: () => void (isLeaving = true),
    drain(deadlineMs) {
      isLeaving = true
      draining ??= drain(server, { inFlight, wire, lane }, deadlineMs)
      return draining
    },
    [Symbol.asyncDispose]: () => listening.drain(DISPOSE_MS),
  }
  return listening
}

interface Ways {
  readonly wire: WireSurface | undefined
  /** With TLS, and how. */
  readonly secure: ReturnType<typeof listeningTls>
}

function serverOf(limits: HttpLimits, context: DispatchContext, { wire, secure }: Ways): Server | SecureServer {
  const settings: ServerOptions = {
    // what asks for another protocol, or a version that is not known here, is answered in HTTP
    shouldUpgradeCallback: (request) => (wire !== undefined && asksForWire(request)) || isForeign(request, context),
    maxHeaderSize: limits.headerBytes,
    headersTimeout: Math.min(limits.headersMs, limits.requestMs),
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: checkMs(limits),
    noDelay: true,
  }
  const server = secure ? createSecureServer({ ...settings, ...secure, handshakeTimeout: limits.headersMs }) : createServer(settings)
  server.maxHeadersCount = 0 // beyond a count node:http drops headers silently; the size is bounded anyway
  server.maxConnections = limits.connections
  server.on('request', (request, response) => dispatch(request, response, request, context))
  server.on('checkContinue', (request, response) => {
    const fits = isWithin(request, limits.bodyBytes) || request.headers['transfer-encoding'] !== undefined
    if (fits && !isForeign(request, context)) response.writeContinue()
    dispatch(request, response, request, context)
  })
  server.on('upgrade', (request, socket, head) => {
    if (wire !== undefined && asksForWire(request)) void wire.accept(request, socket, head)
    else context.foreign?.upgrade(new Exchange(request, new ServerResponse(request), request), socket, head, context)
  })
  server.on('clientError', (error: Error, socket: Duplex) => answerClientError(error, socket, context.inFlight.answering(socket), limits))
  return server
}

/** How often connections are looked through for those whose time is up. */
function checkMs({ headersMs }: HttpLimits): number {
  return Math.min(5_000, headersMs / 2)
}

function followCertificates(server: SecureServer, certificates: ServerCertificates): void {
  certificates.onChange((base) => server.setSecureContext(base))
  server.on('secureConnection', (socket) => {
    if (certificates.asksClients && hasBadCertificate(socket)) socket.destroy()
  })
}

async function listen(server: Server | SecureServer, { host = '127.0.0.1', port }: HttpServerOptions): Promise<void> {
  if (!Number.isInteger(port) || port < 0 || port > LAST_PORT)
    throw new BanyanError('invalid_configuration', `the port is ${port}; it is a whole number from 0 to ${LAST_PORT}, and 0 takes one that is free`)
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      reject(
        new BanyanError(
          taken ? 'port_in_use' : 'invalid_configuration',
          taken
            ? `port ${port} of ${host} is in use; stop what listens there or choose another port`
            : `cannot listen on ${host}:${port}: ${messageOf(error)}; name an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all`,
          { cause: error },
        ),
      )
    })
    server.listen({ host, port, backlog: 1024 }, resolve)
  })
}

function reached(host = '127.0.0.1'): string {
  return host === '0.0.0.0' || host === '::' ? 'localhost' : host
}

interface Surfaces {
  readonly inFlight: RequestsInFlight
  readonly wire: WireSurface | undefined
  readonly lane: Lane
}

async function drain(server: Server | SecureServer, { inFlight, wire, lane }: Surfaces, deadlineMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  lane.closeIdle()
  let cut: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (cut = setTimeout(resolve, deadlineMs)))
  await Promise.race([Promise.all([quiet(lane, inFlight), wire?.left()]), closed, late])
  clearTimeout(cut)
  inFlight[Symbol.dispose]()
  wire?.[Symbol.dispose]()
  lane.closeAll()
  await closed
}

/** Nothing in flight, and nothing for a moment after. */
async function quiet(lane: Lane, inFlight: RequestsInFlight): Promise<void> {
  do {
    await inFlight.drained()
    lane.closeIdle()
    await new Promise((resolve) => setTimeout(resolve, GRACE_MS))
  } while (inFlight.size > 0)
}
