import { keyOf } from '../events/keys.ts'
import { Wakeup } from '../events/wakeup.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { longUploads } from '../gateway/upload.ts'
import { BanyanError, messageOf } from '../kernel/errors.ts'
import { operationsOf } from '../model/contract.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { CacheRules } from '../network/http/cache-rules.ts'
import { trustedProxies } from '../network/http/client-address.ts'
import type { Readiness } from '../network/http/options.ts'
import { httpServer, type HttpServer } from '../network/http/server.ts'
import type { AccessLog } from '../observe/access-log.ts'
import type { RootLog } from '../observe/log.ts'
import type { PeerTokens } from '../security/peer-token.ts'
import { daysLeft } from '../security/read-tls.ts'
import type { TlsOptions } from '../security/tls.ts'
import type { DatabaseServer } from '../store/server.ts'
import type { Authentication } from './authentication.ts'
import { cacheRules } from './cache-rules.ts'
import { pagesDirectory } from './check-pages.ts'
import { answerFeed } from './feed-wire.ts'
import { accessOf } from './invoke.ts'
import type { LoadedApp } from './load.ts'
import type { OperationGates } from './open-limits.ts'
import type { Quiet } from './quiet.ts'
import type { UnitRuntime } from './unit.ts'

/** What is heard of services elsewhere. */
const silence = new Wakeup()

export interface SurfaceOptions {
  readonly loaded: LoadedApp
  readonly development: boolean
  readonly host: string
  readonly port: number
  readonly tls?: TlsOptions | undefined
  readonly log: RootLog
}

export interface Surface {
  readonly runtime: UnitRuntime
  readonly tokens: PeerTokens
  readonly auth: Authentication
  readonly quiet: Quiet
  readonly server: DatabaseServer
  readonly gates: OperationGates['outside']
  readonly foreign: Gateway | undefined
  readonly accessLog: AccessLog | undefined
  readonly ways: () => unknown
}

/** Every unit answers every route of the app: what runs elsewhere is passed on through the same binding that calls take. */
export function listen(options: SurfaceOptions, { runtime, tokens, auth, quiet, server, gates, foreign, accessLog, ways }: Surface): Promise<HttpServer> {
  const { loaded, host, port, tls, log } = options
  warnOfExpiry(tls, log)
  const { bodyLimit, contentSecurityPolicy, trustedProxies: proxies, forwardedHeader, reference = options.development } = loaded.app.http
  const directory = pagesDirectory(loaded.app)
  return httpServer({
    title: loaded.name,
    host,
    port,
    operations: [...loaded.services.values()].flatMap(({ contract }) => operationsOf(contract)),
    access: (operation) => accessOf(operation, loaded.services.get(operation.service)?.policies[operation.name]?.access),
    cache: (operation) => cacheOf(loaded, operation),
    invoke: (operation, input, envelope) => runtime.directory.binding(operation.service).invoke(operation, input, envelope),
    authenticate: auth.authenticate,
    gates,
    foreign,
    proxies: { isTrusted: trustedProxies(proxies), header: forwardedHeader ?? 'x-forwarded-for' },
    changes: (service) => runtime.services.get(service)?.changes ?? silence,
    mapKey: (key) => keyOf(key),
    health: { live: () => true, ready: () => readiness(runtime, server) },
    peer: {
      verify: (token) => tokens.verify(token),
      feed: (service, body, signal) => answerFeed(own(runtime, service).feed, body, signal),
      ways,
    },
    extra: [...auth.routes, ...(options.development ? quiet.routes : [])],
    reference,
    pages: directory === undefined ? undefined : { directory, contentSecurityPolicy },
    tls,
    accessLog,
    log,
    limits: { ...(foreign && longUploads), ...(bodyLimit !== undefined && { bodyBytes: bodyLimit }) },
  })
}

function cacheOf({ services }: LoadedApp, operation: AnyOperation): CacheRules | undefined {
  const said = services.get(operation.service)?.policies[operation.name]
  return said?.cache && cacheRules(operation, accessOf(operation, said.access), { ...said, cache: said.cache })
}

/** Days before the end of a certificate that a start warns of it. */
const WARNING_DAYS = 14

function warnOfExpiry(tls: TlsOptions | undefined, log: RootLog): void {
  const days = daysLeft(tls)
  if (days === undefined || days > WARNING_DAYS) return
  log.warn(days < 0 ? 'the TLS certificate has expired: nobody will trust this unit' : 'the TLS certificate expires soon', { days: Math.floor(days) })
}

function own(runtime: UnitRuntime, service: string): { feed: Parameters<typeof answerFeed>[0] } {
  const found = runtime.services.get(service)
  if (!found) throw new BanyanError('not_found', `service '${service}' does not run in this unit; it has ${[...runtime.services.keys()].join(', ')}`)
  return found
}

async function readiness({ services }: UnitRuntime, server: DatabaseServer): Promise<Readiness> {
  try {
    const [first] = services.values()
    await (first ? first.database.pool : server.admin).query('select 1')
    return { ready: true, checks: { database: { ok: true } } }
  } catch (error) {
    return { ready: false, checks: { database: { ok: false, detail: messageOf(error) } } }
  }
}
