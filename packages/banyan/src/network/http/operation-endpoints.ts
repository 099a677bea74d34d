import { crashPoint } from '../../kernel/crash-point.ts'
import { BanyanError } from '../../kernel/errors.ts'
import type { Identity } from '../../model/access.ts'
import type { AnyOperation } from '../../model/operation.ts'
import type { Awaitable } from '../../model/schema.ts'
import { hasBody, readBody } from './body.ts'
import { cachedReplies } from './cached-reply.ts'
import { clientAddress, nobody } from './client-address.ts'
import { deprecationHeaders } from './deprecation-headers.ts'
import type { Endpoint } from './endpoint.ts'
import type { Envelope } from '../envelope.ts'
import { outsideEnvelope, peerEnvelope, SESSION_HEADER, type EnvelopeRules } from './envelope-headers.ts'
import { wantsEvents } from './event-stream.ts'
import type { Exchange } from './exchange.ts'
import { Passage } from './gate.ts'
import { checkContentType, parseJson } from './json-body.ts'
import { watchQuery } from './live-query.ts'
import { onceThere } from './once-there.ts'
import type { HttpLimits, HttpServerOptions, PeerSurface } from './options.ts'
import { feedPath, peerPath, WAYS_PATH } from './peer-paths.ts'
import type { Reply } from './reply.ts'
import type { RequestsInFlight } from './requests-in-flight.ts'
import { isWatchable, routesOf, type PathParameters, type Route } from './routes.ts'
import type { Traffic } from './traffic.ts'
import type { Watchers } from './watchers.ts'

export interface EndpointContext {
  readonly options: HttpServerOptions
  readonly limits: HttpLimits
  readonly inFlight: RequestsInFlight
  readonly watchers: Watchers
  readonly traffic: Traffic
  /** Whether connections should end with their answer. */
  leaving(): boolean
}

/** The operations that have a route, for everybody. */
export function publicEndpoints(context: EndpointContext): readonly Endpoint[] {
  return routesOf(context.options.operations).map((route) => publicEndpoint(route, context))
}

function publicEndpoint(route: Route, context: EndpointContext): Endpoint {
  const { options, limits, inFlight } = context
  const { operation, method, path } = route
  const live = isWatchable(operation)
  const rules = rulesOf(options, limits)
  const cached = operation.kind === 'query' && method === 'GET' ? options.cache?.(operation) : undefined
  const cachedReply = cached && cachedReplies(cached)
  const gates = options.gates?.(operation)
  const fields = deprecationFields(operation)
  return {
    method,
    path,
    to: 'outside',
    operation,
    meter: context.traffic.meterOf(operation),
    answer(exchange, parameters) {
      exchange.fields = fields
      if (live && exchange.request.method === 'GET' && wantsEvents(exchange.request.headers.accept)) return watched(route, exchange, parameters, context)
      inFlight.admit(exchange)
      return onceThere(options.authenticate(exchange.request), (identity) => {
        exchange.identity = identity
        if (!gates) return answer(exchange, parameters, identity, undefined)
        const passage = passageOf(exchange, identity, options)
        return passage.leaveAfter(() => onceThere(passage.through(gates.first), () => answer(exchange, parameters, identity, passage)))
      })
    },
  }

  function answer(exchange: Exchange, parameters: PathParameters, identity: Identity, passage: Passage | undefined): Awaitable<Reply> {
    const envelope = outsideEnvelope(exchange, identity, operation.kind, rules)
    exchange.deadline = envelope.deadline
    inFlight.watch()
    return onceThere(route.body ? jsonBody(exchange, limits.bodyBytes) : undefined, (body) => {
      const input = route.input(parameters, exchange.target.query, body)
      return onceThere(passage?.through(gates?.withInput, input), () =>
        onceThere(options.invoke(operation, input, envelope), (output) => replyOf(exchange, envelope, input, output)),
      )
    })
  }

  function replyOf(exchange: Exchange, envelope: Envelope, input: unknown, output: unknown): Reply {
    if (cachedReply && output !== undefined) {
      const { facts } = envelope
      if (facts) exchange.cache = facts.way === 'loaded' ? 'miss' : 'hit'
      return cachedReply({ input, output, facts, headers: exchange.request.headers, identity: envelope.identity })
    }
    if (operation.kind === 'command') crashPoint('request.executed')
    return outputReply(operation, output, envelope)
  }
}

/** What every answer of an operation that is to go says of that; `undefined`: it stays. */
function deprecationFields({ facts: { deprecated: said } }: AnyOperation): Exchange['fields'] {
  if (!said) return undefined
  const { since, ...rest } = said
  return deprecationHeaders({ deprecated: since, ...rest })
}

function passageOf(exchange: Exchange, identity: Identity, { proxies, log }: HttpServerOptions): Passage {
  const { request } = exchange
  return new Passage(exchange, identity, { address: () => clientAddress(request, proxies?.isTrusted ?? nobody, proxies?.header), log })
}

/** A query that is watched passes once, and what is held is held until nobody watches any more. */
async function watched(route: Route, exchange: Exchange, parameters: PathParameters, context: EndpointContext): Promise<undefined> {
  const { options } = context
  const gates = options.gates?.(route.operation)
  if (!gates) return watch(route, exchange, parameters, context)
  exchange.identity = await options.authenticate(exchange.request)
  const passage = passageOf(exchange, exchange.identity, options)
  try {
    await passage.through(gates.first)
    await passage.through(gates.withInput, route.input(parameters, exchange.target.query, undefined))
    return await watch(route, exchange, parameters, context)
  } finally {
    passage.leave()
  }
}

function watch(route: Route, exchange: Exchange, parameters: PathParameters, context: EndpointContext): Promise<undefined> {
  const { options, limits, inFlight } = context
  const { operation } = route
  const { request, target } = exchange
  inFlight.watch()
  const ask = async (): Promise<unknown> => {
    exchange.identity = await options.authenticate(request)
    const envelope = outsideEnvelope(exchange, exchange.identity, operation.kind, rulesOf(options, limits))
    if (!exchange.waits) exchange.deadline = envelope.deadline
    return options.invoke(operation, route.input(parameters, target.query, undefined), envelope)
  }
  return watchQuery(exchange, { ...context, ask, changes: options.changes(operation.service), log: options.log })
}

/** Every operation, every feed and the state of the ways, for units of the same app only. */
export function peerEndpoints(context: EndpointContext): readonly Endpoint[] {
  const { peer, operations } = context.options
  if (!peer) return []
  const nothing: Endpoint = {
    method: 'POST',
    path: '/~/*',
    to: 'peer',
    async answer(exchange) {
      await peerOf(exchange, peer)
      throw new BanyanError(
        'not_found',
        `this unit knows no operation ${exchange.target.path.slice(3).replaceAll('/', '.')}; its contracts are older, or newer, than the caller's`,
      )
    },
  }
  return [...operations.map((operation) => peerEndpoint(operation, peer, context)), ...feedEndpoint(peer, context), ...waysEndpoint(peer), nothing]
}

function peerEndpoint(operation: AnyOperation, peer: PeerSurface, { options, limits, inFlight }: EndpointContext): Endpoint {
  const rules = rulesOf(options, limits)
  return {
    method: 'POST',
    path: peerPath(operation),
    to: 'peer',
    operation,
    async answer(exchange) {
      const found = peerOf(exchange, peer)
      const who = found instanceof Promise ? await found : found
      inFlight.admit(exchange)
      const envelope = peerEnvelope(exchange, who, operation.kind, rules)
      exchange.deadline = envelope.deadline
      inFlight.watch()
      const input = await jsonBody(exchange, limits.peerBodyBytes)
      const output = await options.invoke(operation, input, envelope)
      if (operation.kind === 'command') crashPoint('call.executed')
      return outputReply(operation, output, envelope)
    },
  }
}

function feedEndpoint(peer: PeerSurface, { limits, inFlight }: EndpointContext): readonly Endpoint[] {
  const { feed } = peer
  if (!feed) return []
  return [
    {
      method: 'POST',
      path: feedPath(':service'),
      to: 'peer',
      async answer(exchange, { service = '' }) {
        const { caller } = await peerOf(exchange, peer)
        inFlight.wait(exchange)
        const request = await jsonBody(exchange, limits.peerBodyBytes)
        return { status: 200, body: JSON.stringify(await feed(service, request, exchange.signal, caller)) }
      },
    },
  ]
}

function waysEndpoint(peer: PeerSurface): readonly Endpoint[] {
  const { ways } = peer
  if (!ways) return []
  const answer: Endpoint['answer'] = async (exchange) => {
    await peerOf(exchange, peer)
    return { status: 200, body: JSON.stringify(ways()) }
  }
  return [{ method: 'GET', path: WAYS_PATH, to: 'peer', answer }]
}

function peerOf({ request }: Exchange, peer: PeerSurface): ReturnType<PeerSurface['verify']> {
  const { authorization } = request.headers
  if (authorization?.startsWith('Bearer ')) return peer.verify(authorization.slice('Bearer '.length))
  throw new BanyanError('unauthenticated', 'this part of the surface is for units of the same app, and the request carries no peer token')
}

function rulesOf({ mapKey }: HttpServerOptions, { deadlineMs }: HttpLimits): EnvelopeRules {
  return { mapKey, deadlineMs }
}

/** A request's body as JSON; `undefined` where there is none. */
export async function jsonBody({ request, body }: Exchange, limit: number): Promise<unknown> {
  if (!hasBody(request)) return undefined
  checkContentType(request.headers['content-type'])
  const bytes = await readBody(body, limit)
  return bytes.length === 0 ? undefined : parseJson(bytes)
}

function outputReply({ kind, facts }: AnyOperation, output: unknown, { session }: Envelope): Reply {
  const headers = kind === 'command' && session.wrote ? { [SESSION_HEADER]: String(session) } : {}
  return facts.output === undefined || output === undefined ? { status: 204, headers } : { status: 200, body: JSON.stringify(output), headers }
}
