import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { memoryStore } from '../limits/stores.ts'
import { anyone } from '../model/access.ts'
import type { ForwardedHeader } from '../model/app.ts'
import type { Log } from '../model/context.ts'
import { fail } from '../network/http/dispatch.ts'
import { trustedProxies, type IsTrusted } from '../network/http/client-address.ts'
import type { Exchange } from '../network/http/exchange.ts'
import type { HttpRequest } from '../network/http/message.ts'
import type { Answering, ForeignDescription, ForeignSurface } from '../network/http/foreign.ts'
import { openApi } from '../network/http/openapi.ts'
import { write } from '../network/http/reply.ts'
import { targetOf } from '../network/http/request-target.ts'
import type { AccessLog } from '../observe/access-log.ts'
import type { ServerCertificates } from '../security/server-certificates.ts'
import type { TlsOptions } from '../security/tls.ts'
import type { GatewayConfig } from './config.ts'
import { clientOf, type Client } from './client.ts'
import { Commons, placesOf, type Places } from './commons.ts'
import type { Purge } from './http-cache/answer-store.ts'
import { httpCache, type HttpCache } from './http-cache/http-cache.ts'
import { gatewayStatus, type GatewayStatus } from './gateway-status.ts'
import { describeRoutes } from './openapi/describe-routes.ts'
import { openRoutes, type OpenRoute, type OpenRoutes } from './open-routes.ts'
import { Passage } from './passage.ts'
import type { GatewayParts, PolicyKind } from './policy-kind.ts'
import { policyKinds } from './policy-kinds.ts'
import { certificatesFor, checkTls } from './front-certificates.ts'
import { Tunnels } from './tunnels.ts'

/** Where an app describes itself too. */
const DESCRIPTION = '/openapi.json'

export interface GatewayOptions {
  /** Kinds of policies beside the framework's own. */
  readonly kinds?: readonly PolicyKind[]
  readonly parts?: Partial<Omit<GatewayParts, 'cache' | 'shared'>>
  /** What it shares with others, and where, while its file names no Redis; nothing unless said. */
  readonly usual?: Places
  /** Addresses and networks of proxies in front, that are believed what they say of clients; none unless said. */
  readonly trusted?: readonly string[]
  /** Where those proxies say it; `x-forwarded-for` unless said. */
  readonly forwardedHeader?: ForwardedHeader | undefined
  readonly accessLog?: AccessLog | undefined
  /** The process's own certificate, which is shown to who asks for no name that the configuration has one for. */
  readonly tls?: TlsOptions | undefined
  /** Whether it is a part of a unit, which decides by its own certificate whether it listens with TLS, and by its own authorities who is a unit. */
  readonly unit?: boolean
  /** The title of the OpenAPI document that a gateway by itself answers at `/openapi.json`, where no route takes that path, or one for anything does and an upstream has a document. */
  readonly title?: string
  readonly log: Log
}

/** Routes to foreign servers. Disposing of it cuts its tunnels, and lets go of connections once what is under way has ended. */
export interface Gateway extends ForeignSurface, AsyncDisposable {
  /**
   * Puts another configuration in the place of this one, in one moment: a request takes its way by the old one or by the new. What has not
   * changed keeps its connections, breakers and counts. Throws `invalid_configuration`, and then nothing changes.
   */
  load(config: GatewayConfig): Promise<void>
  /** Forgets cached answers, here and in all gateways that share a Redis with this one; how many there were here. */
  purge(purge: Purge): Promise<number>
  status(): GatewayStatus
}

/** Opens a gateway. Throws `invalid_configuration`. */
export async function gateway(config: GatewayConfig, options: GatewayOptions): Promise<Gateway> {
  const { kinds = [], parts, usual = {}, log } = options
  let commons: Commons | undefined
  // what is cached and counted outlives a configuration
  const cache = httpCache({ purged: (purge) => running?.tell(purge) })
  const opening = { kinds: [...kinds, ...policyKinds], parts: { directory: process.cwd(), cache, limits: memoryStore(), ...parts }, log }
  const certificates = certificatesFor(config.tls, options)
  let running: RunningGateway | undefined
  try {
    commons = await Commons.open(placesOf(config, usual), cache, log)
    running = new RunningGateway({ routes: await openRoutes(config, sharing(opening, commons)), commons }, opening, { ...options, certificates })
    return running
  } catch (error) {
    await commons?.[Symbol.asyncDispose]()
    throw error
  }
}

interface Opening {
  readonly kinds: readonly PolicyKind[]
  readonly parts: GatewayParts & { readonly cache: HttpCache }
  readonly log: Log
}

/** What belongs to one configuration. */
interface Serving {
  readonly routes: OpenRoutes
  readonly commons: Commons
}

function sharing({ kinds, parts, log }: Opening, { limits }: Commons): Opening {
  return { kinds, parts: { ...parts, shared: limits }, log }
}

class RunningGateway implements Gateway {
  readonly #options: GatewayOptions
  readonly #opening: Opening
  readonly #trusted: IsTrusted
  readonly #tunnels: Tunnels
  readonly certificates: ServerCertificates | undefined
  #serving: Serving
  #described: { readonly of: GatewayConfig; readonly description: ForeignDescription } | undefined
  /** The document of a description. */
  #document: { readonly of: ForeignDescription; readonly text: string } | undefined

  constructor(serving: Serving, opening: Opening, options: GatewayOptions & { readonly certificates: ServerCertificates | undefined }) {
    this.certificates = options.certificates
    this.#serving = serving
    this.#opening = opening
    this.#options = options
    this.#trusted = trustedProxies(options.trusted)
    this.#tunnels = new Tunnels(options.accessLog)
  }

  answer(exchange: Exchange, surface: Answering): boolean {
    let route: OpenRoute | undefined
    try {
      route = this.#find(exchange.request, exchange.target.path, exchange.target.query)
    } catch (error) {
      fail(error, exchange, surface)
      return true
    }
    if (this.#describes(exchange, route)) {
      this.#describe(exchange, surface)
      return true
    }
    if (route === undefined) return false
    const client = this.#client(exchange.request)
    new Passage({ exchange, route, client, surface, accessLog: this.#options.accessLog }).start()
    return true
  }

  takes(request: IncomingMessage, path: string): boolean {
    try {
      return this.#find(request, path, targetOf(request.url ?? '/').query) !== undefined
    } catch {
      return false // `answer` says what is wrong with it
    }
  }

  upgrade(exchange: Exchange<ServerResponse>, socket: Duplex, head: Buffer, surface: Answering): void {
    const { path, query } = exchange.target
    const route = this.#find(exchange.request, path, query)
    if (!route) return void socket.destroy() // the configuration has changed since it was asked
    void this.#tunnels.open({ exchange, route, client: this.#client(exchange.request), socket, head, surface })
  }

  async load(config: GatewayConfig): Promise<void> {
    const { routes: before, commons: had } = this.#serving
    const { log, usual = {} } = this.#options
    const places = placesOf(config, usual)
    const commons = had.is(places) ? had : await Commons.open(places, this.#opening.parts.cache, log)
    let after: OpenRoutes | undefined
    try {
      after = await openRoutes(config, sharing(this.#opening, commons), before)
      checkTls(config.tls, this.certificates, this.#options)
      this.certificates?.load(config.tls)
    } catch (error) {
      if (after) letGo(after, before, log)
      if (commons !== had) await commons[Symbol.asyncDispose]()
      throw error
    }
    this.#serving = { routes: after, commons }
    letGo(before, after, log)
    if (commons !== had) await had[Symbol.asyncDispose]()
  }

  purge(purge: Purge): Promise<number> {
    return this.#opening.parts.cache.purge(purge)
  }

  /** Passes a purge that began here on to the others. */
  tell(purge: Purge): void {
    this.#serving.commons.tell(purge)
  }

  description(): ForeignDescription {
    const { config } = this.#serving.routes
    if (this.#described?.of !== config) this.#described = { of: config, description: describeRoutes(config, this.#opening.kinds) }
    return this.#described.description
  }

  status(): GatewayStatus {
    const { routes, commons } = this.#serving
    return gatewayStatus({ ...routes, shared: commons.status(), certificates: (this.certificates && routes.config.tls?.certificates) ?? [] })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#tunnels[Symbol.dispose]()
    await Promise.all([...this.#serving.routes.ways.values()].map((way) => way[Symbol.asyncDispose]()))
    await this.#serving.commons[Symbol.asyncDispose]()
  }

  #client(request: HttpRequest): Client {
    return clientOf(request, { isTrusted: this.#trusted, header: this.#options.forwardedHeader, asked: this.certificates?.asksClients })
  }

  #describes({ request: { method }, target }: Exchange, route: OpenRoute | undefined): boolean {
    if (this.#options.title === undefined || target.path !== DESCRIPTION || (method !== 'GET' && method !== 'HEAD')) return false
    if (route === undefined) return true
    return route.route.match.path.endsWith('*') && Object.values(this.#serving.routes.config.upstreams).some(({ openapi }) => openapi)
  }

  #describe(exchange: Exchange, surface: Answering): void {
    const foreign = this.description()
    if (this.#document?.of !== foreign) {
      const document = openApi({ title: this.#options.title ?? '', operations: [], access: () => anyone(), foreign })
      this.#document = { of: foreign, text: JSON.stringify(document) }
    }
    write(exchange, { status: 200, body: this.#document.text }, surface.leaving())
  }

  #find({ method, headers }: HttpRequest, path: string, query: string): OpenRoute | undefined {
    return this.#serving.routes.table.find({ method: method!, path, query, headers })
  }
}

/** Disposes of the ways that others have not kept. */
function letGo(before: OpenRoutes, after: OpenRoutes, log: Log): void {
  const kept = new Set(after.ways.values())
  for (const way of before.ways.values()) {
    // it waits for what is under way, which may be long; nobody waits for it
    if (!kept.has(way)) way[Symbol.asyncDispose]().catch((error: unknown) => log.warn('an upstream was not let go', { upstream: way.name, error }))
  }
}
