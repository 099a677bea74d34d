import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { memoryStore } from '../limits/stores.ts'
import { anyone } from '../model/access.ts'
import type { Log } from '../model/context.ts'
import { fail } from '../network/http/dispatch.ts'
import { trustedProxies, type IsTrusted } from '../network/http/client-address.ts'
import type { Exchange } from '../network/http/exchange.ts'
import type { Answering, ForeignDescription, ForeignSurface } from '../network/http/foreign.ts'
import { openApi } from '../network/http/openapi.ts'
import { write } from '../network/http/reply.ts'
import { targetOf } from '../network/http/request-target.ts'
import type { AccessLog } from '../observe/access-log.ts'
import type { GatewayConfig } from './config.ts'
import { clientOf } from './client.ts'
import { httpCache } from './http-cache/http-cache.ts'
import { gatewayStatus, type GatewayStatus } from './gateway-status.ts'
import { describeRoutes } from './openapi/describe-routes.ts'
import { openRoutes, type OpenRoute, type OpenRoutes } from './open-routes.ts'
import { Passage } from './passage.ts'
import type { GatewayParts, PolicyKind } from './policy-kind.ts'
import { policyKinds } from './policy-kinds.ts'
import { Tunnels } from './tunnels.ts'

/** Where an app describes itself too. */
const DESCRIPTION = '/openapi.json'

export interface GatewayOptions {
  /** Kinds of policies beside the framework's own. */
  readonly kinds?: readonly PolicyKind[]
  readonly parts?: Partial<GatewayParts>
  /** Addresses and networks of proxies in front, that are believed what they say of clients; none unless said. */
  readonly trusted?: readonly string[]
  readonly accessLog?: AccessLog | undefined
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
  status(): GatewayStatus
}

/** Opens a gateway. Throws `invalid_configuration`. */
export async function gateway(config: GatewayConfig, options: GatewayOptions): Promise<Gateway> {
  const { kinds = [], parts } = options
  // what is cached and counted outlives a configuration
  const opening = { kinds: [...kinds, ...policyKinds], parts: { directory: process.cwd(), cache: httpCache(), limits: memoryStore(), ...parts } }
  return new RunningGateway(await openRoutes(config, opening), opening, options)
}

interface Opening {
  readonly kinds: readonly PolicyKind[]
  readonly parts: GatewayParts
}

class RunningGateway implements Gateway {
  readonly #options: GatewayOptions
  readonly #opening: Opening
  readonly #trusted: IsTrusted
  readonly #tunnels: Tunnels
  #open: OpenRoutes
  #described: { readonly of: GatewayConfig; readonly description: ForeignDescription } | undefined

  constructor(open: OpenRoutes, opening: Opening, options: GatewayOptions) {
    this.#open = open
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
    const client = clientOf(exchange.request, this.#trusted)
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

  upgrade(exchange: Exchange, socket: Duplex, head: Buffer, surface: Answering): void {
    const { path, query } = exchange.target
    const route = this.#find(exchange.request, path, query)
    if (!route) return void socket.destroy() // the configuration has changed since it was asked
    void this.#tunnels.open({ exchange, route, client: clientOf(exchange.request, this.#trusted), socket, head, surface })
  }

  async load(config: GatewayConfig): Promise<void> {
    const before = this.#open
    const after = await openRoutes(config, this.#opening, before)
    this.#open = after
    const kept = new Set(after.ways.values())
    const left = [...before.ways.values()].filter((way) => !kept.has(way))
    for (const way of left) {
      // it waits for what is under way, which may be long; nobody waits for it
      way[Symbol.asyncDispose]().catch((error: unknown) => this.#options.log.warn('an upstream was not let go', { upstream: way.name, error }))
    }
  }

  description(): ForeignDescription {
    const { config } = this.#open
    if (this.#described?.of !== config) this.#described = { of: config, description: describeRoutes(config, this.#opening.kinds) }
    return this.#described.description
  }

  status(): GatewayStatus {
    return gatewayStatus(this.#open)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#tunnels[Symbol.dispose]()
    await Promise.all([...this.#open.ways.values()].map((way) => way[Symbol.asyncDispose]()))
  }

  #describes({ request: { method }, target }: Exchange, route: OpenRoute | undefined): boolean {
    if (this.#options.title === undefined || target.path !== DESCRIPTION || (method !== 'GET' && method !== 'HEAD')) return false
    if (route === undefined) return true
    return route.route.match.path.endsWith('*') && Object.values(this.#open.config.upstreams).some(({ openapi }) => openapi)
  }

  #describe(exchange: Exchange, surface: Answering): void {
    const title = this.#options.title ?? ''
    const document = openApi({ title, operations: [], access: () => anyone(), foreign: this.description() })
    write(exchange, { status: 200, body: JSON.stringify(document) }, surface.leaving())
  }

  #find({ method, headers }: IncomingMessage, path: string, query: string): OpenRoute | undefined {
    return this.#open.table.find({ method: method!, path, query, headers })
  }
}
