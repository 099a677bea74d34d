import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Chaos } from '../kernel/chaos.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { App } from '../model/app.ts'
import type { Calls } from '../model/call.ts'
import type { AnyContract } from '../model/contract.ts'
import { createLog, type LogDestination, type RootLog } from '../observe/log.ts'
import { identity } from '../security/identity.ts'
import { inheriting } from '../security/inherited-roles.ts'
import { readTls } from '../security/read-tls.ts'
import type { TlsOptions } from '../security/tls.ts'
import { unitSecret } from '../security/unit-secret.ts'
import { loadApp } from './load.ts'
import { placementOf } from './placement.ts'
import { RunningUnit } from './running-unit.ts'
import type { Addresses } from './settings.ts'

export interface StartOptions {
  /** `one` unless said. */
  topology?: string
  /** Needed where the topology has several. */
  unit?: string
  /** 3000 unless said; 0 takes a free one. */
  port?: number
  /** 127.0.0.1 unless said. */
  host?: string
  /** Adds an issuer of tokens for log-in, and applies migrations; false unless said. */
  development?: boolean
  /** The project's directory, where `.banyan` lies; the current one unless said. */
  directory?: string
  /** Stands for the app's name in schemas, roles and tokens, so that several installations can share a database; BANYAN_APP_NAME unless said. */
  name?: string
  /** A PostgreSQL address that goes before the topology's. */
  database?: string
  /** Addresses of other units, by name, several where a unit has replicas; they go before the topology's. */
  addresses?: Addresses
  /** By which the units of an app know each other; BANYAN_SECRET unless said, and needed where there are several. */
  secret?: string
  /** Certificates for TLS, as texts; the files that BANYAN_TLS_CERT, BANYAN_TLS_KEY and BANYAN_TLS_CA name unless said, and plain HTTP without any. */
  tls?: TlsOptions
  log?: RootLog
  /** Where the lines of the access log go; standard output unless said. The app says whether there are any (`http.accessLog`). */
  accessLines?: LogDestination
  /** Injects faults between the services of this process, and encodes what passes between them as over the network. */
  chaos?: Chaos
  /** Aborting it before the unit has started closes again what was opened, and `start` throws its reason; later it does nothing. */
  signal?: AbortSignal
}

export interface TokenOptions {
  subject: string
  roles?: readonly string[]
  tenant?: string
  scopes?: readonly string[]
  /** Claims, of which those count that the app has declared (`auth: { claims }`). */
  attributes?: Readonly<Record<string, unknown>>
}

/** A running unit. Disposing of it drains: it takes no new work, finishes what it has, and stops in reverse order. */
export interface Running<Contracts extends Record<string, AnyContract> = Record<string, AnyContract>> extends AsyncDisposable {
  /** Where its HTTP surface answers. */
  readonly url: string
  /** Every service of the app, wherever it runs, as the operator, whom no access rule stops. */
  readonly call: Calls<keyof Contracts, Contracts>
  /** A token of the development issuer. Throws `invalid_configuration` where there is none. */
  token(who: TokenOptions): Promise<string>
  /** `call` on behalf of somebody. */
  as(who: TokenOptions): Calls<keyof Contracts, Contracts>
  /** Resolves when all that has happened so far has been reacted to, projected and delivered. */
  quiet(): Promise<void>
}

/** Starts a unit of an app: opens its database, verifies its migrations (`development`: applies them), and serves. */
export async function start<Contracts extends Record<string, AnyContract>>(app: App<Contracts>, options: StartOptions = {}): Promise<Running<Contracts>> {
  const loaded = await loadApp(app as App, options.name)
  const environment = { variables: process.env, addresses: options.addresses ?? {} }
  const placement = placementOf(app as App, options.topology ?? 'one', options.unit, environment)
  const log = options.log ?? createLog({ level: 'warn' })
  const { directory = process.cwd(), development = false } = options
  const said = options.secret ?? process.env['BANYAN_SECRET']
  const alone = placement.peers.length === 0
  // so that commands of the project can ask it how it is
  const secret = said === undefined && alone && development ? await unitSecret(join(directory, '.banyan')) : secretFor(said, placement.peers.length)
  const unit = await RunningUnit.start({
    loaded,
    placement: options.database === undefined ? placement : { ...placement, database: options.database },
    directory,
    development,
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 3000,
    secret,
    tls: await readTls(options.tls, process.env),
    log,
    accessLines: options.accessLines,
    chaos: options.chaos,
    signal: options.signal,
  })
  type Clients = Calls<keyof Contracts, Contracts>
  const give = inheriting(app.roles ?? {})
  return {
    url: unit.url,
    call: unit.calls() as Clients,
    token: (who) => unit.token(who),
    as: (who) => unit.calls(give(identity(who))) as Clients,
    quiet: () => unit.quiet(),
    [Symbol.asyncDispose]: () => unit[Symbol.asyncDispose](),
  }
}

/** The secret that units know each other by; one of its own for a process that has nobody to share it with. */
export function secretFor(said: string | undefined, peers: number): string {
  if (said !== undefined) return said
  if (peers === 0) return randomBytes(32).toString('base64url')
  throw new BanyanError(
    'invalid_configuration',
    'BANYAN_SECRET is not set, and the units of a topology know each other by it; set it to the same 32 or more characters in every unit',
  )
}
