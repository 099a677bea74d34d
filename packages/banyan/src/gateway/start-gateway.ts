import { httpServer, type HttpServer } from '../network/http/server.ts'
import type { HttpLimits } from '../network/http/options.ts'
import { createLog, type RootLog } from '../observe/log.ts'
import { anonymousIdentity } from '../security/identity.ts'
import type { TlsOptions } from '../security/tls.ts'
import type { AccessLog } from '../observe/access-log.ts'
import type { Purge } from './http-cache/answer-store.ts'
import type { GatewayConfig } from './config.ts'
import { gateway, type GatewayOptions } from './gateway.ts'
import type { GatewayStatus } from './gateway-status.ts'
import { longUploads } from './upload.ts'

export interface StartGatewayOptions extends Partial<Pick<GatewayOptions, 'kinds' | 'parts' | 'trusted' | 'usual'>> {
  /** 0 takes a free one. */
  readonly port: number
  /** 127.0.0.1 unless said. */
  readonly host?: string
  readonly tls?: TlsOptions | undefined
  readonly accessLog?: AccessLog | undefined
  readonly limits?: Partial<HttpLimits>
  readonly log?: RootLog
}

/** A gateway that listens by itself. Disposing of it drains for at most 10 s. */
export interface RunningGateway extends AsyncDisposable, Pick<HttpServer, 'url' | 'port' | 'drain' | 'leave'> {
  /** Puts another configuration in the place of this one; see `Gateway.load`. */
  load(config: GatewayConfig): Promise<void>
  /** Forgets cached answers; see `Gateway.purge`. */
  purge(purge: Purge): Promise<number>
  status(): GatewayStatus
}

/** Starts a program that is a gateway and nothing else. Throws `invalid_configuration` or `port_in_use`. */
export async function startGateway(config: GatewayConfig, options: StartGatewayOptions): Promise<RunningGateway> {
  const { port, host, tls, log = createLog({ level: 'warn' }), limits, ...rest } = options
  const opened = await gateway(config, { ...rest, tls, title: 'gateway', log })
  const http = await httpServer({
    title: 'gateway',
    port,
    ...(host !== undefined && { host }),
    operations: [],
    access: () => {
      throw new Error('a gateway by itself has no operations')
    },
    invoke: () => Promise.reject(new Error('a gateway by itself has no operations')),
    authenticate: () => anonymousIdentity,
    changes: () => ({ count: 0, after: () => Promise.resolve() }),
    mapKey: (key) => key,
    health: { live: () => true, ready: () => Promise.resolve({ ready: true, checks: {} }) },
    foreign: opened,
    tls,
    log,
    limits: { ...longUploads, ...limits },
  }).catch(async (error: unknown) => {
    await opened[Symbol.asyncDispose]()
    throw error
  })
  return {
    url: http.url,
    port: http.port,
    leave: () => http.leave(),
    drain: (ms) => http.drain(ms),
    load: (next) => opened.load(next),
    purge: (purge) => opened.purge(purge),
    status: () => opened.status(),
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]()
      await opened[Symbol.asyncDispose]()
    },
  }
}
