import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Chaos } from '../kernel/chaos.ts'
import { BanyanError } from '../kernel/errors.ts'
import { Lifecycle } from '../kernel/lifecycle.ts'
import type { Identity } from '../model/access.ts'
import { operationsOf } from '../model/contract.ts'
import { patientUnit } from '../network/discovery/patient-unit.ts'
import { presence } from '../network/discovery/presence.ts'
import type { Instance, Registry } from '../network/discovery/registry.ts'
import { readyProbe } from '../network/http/ready-probe.ts'
import type { HttpServer } from '../network/http/server.ts'
import { printsOf } from '../network/wire/prints.ts'
import { wireUnit } from '../network/wire/wire-unit.ts'
import { wayTo } from '../network/way.ts'
import type { LogDestination, RootLog } from '../observe/log.ts'
import type { IdentityFields } from '../security/identity.ts'
import { peerTokens, type PeerTokens } from '../security/peer-token.ts'
import { peerVoice } from '../security/peer-voice.ts'
import type { TlsOptions } from '../security/tls.ts'
import type { DatabaseServer } from '../store/server.ts'
import { announceSelf } from './announce-self.ts'
import { authentication, type Authentication } from './authentication.ts'
import { Directory, remoteBinding } from './bindings.ts'
import { callFactory, type Clients } from './calls.ts'
import { checkSecrets } from './check-secrets.ts'
import { chaosDetour } from './detour.ts'
import { edgePolicies } from './edge-policies.ts'
import { Entrance, operator } from './entrance.ts'
import { remoteFeed } from './feed-wire.ts'
import { listen } from './http-surface.ts'
import type { LoadedApp } from './load.ts'
import { Neighbours } from './neighbours.ts'
import { openAccessLog } from './open-access-log.ts'
import { openCache } from './open-cache.ts'
import { openGateway } from './open-gateway.ts'
import { openLimits } from './open-limits.ts'
import { openRegistry } from './open-registry.ts'
import { openSessions } from './open-sessions.ts'
import type { Placement } from './placement.ts'
import { Quiet } from './quiet.ts'
import type { UnitStatus } from './unit-status.ts'
import { openDatabase, prepareDatabase, UnitRuntime, verifyDatabase } from './unit.ts'

export interface UnitOptions {
  readonly loaded: LoadedApp
  readonly placement: Placement
  readonly directory: string
  readonly development: boolean
  readonly host: string
  readonly port: number
  readonly secret: string
  readonly log: RootLog
  /** Where the lines of the access log go; standard output unless said. */
  readonly accessLines?: LogDestination | undefined
  readonly chaos?: Chaos | undefined
  /** Whether all units stop together, so that no caller has to hear of it first. */
  readonly together?: boolean
  /** As `readTls` gives it. */
  readonly tls?: TlsOptions | undefined
  /** Ends the start before its end. */
  readonly signal?: AbortSignal | undefined
}

/** One unit: database, services, and the HTTP surface in front of all services of the app. */
export class RunningUnit implements AsyncDisposable {
  readonly url: string
  readonly server: DatabaseServer
  readonly runtime: UnitRuntime
  readonly #lifecycle: Lifecycle
  readonly #authentication: Authentication
  readonly #quiet: Quiet
  readonly #calls: CallFactory

  private constructor(
    options: UnitOptions,
    parts: {
      lifecycle: Lifecycle
      http: HttpServer
      server: DatabaseServer
      runtime: UnitRuntime
      authentication: Authentication
      calls: CallFactory
      quiet: Quiet
    },
  ) {
    this.url = parts.http.url
    this.server = parts.server
    this.runtime = parts.runtime
    this.#lifecycle = parts.lifecycle
    this.#authentication = parts.authentication
    this.#quiet = parts.quiet
    this.#calls = parts.calls
  }

  /** Opens what the unit needs, in order; what was opened is closed again when something fails or `signal` aborts, which throws its reason. */
  static async start(options: UnitOptions): Promise<RunningUnit> {
    const { loaded, placement, directory, log, development, tls, signal } = options
    const lifecycle = new Lifecycle()
    let server: DatabaseServer | undefined
    try {
      signal?.throwIfAborted()
      const services = new Map(placement.services.map((name) => [name, loaded.services.get(name)!]))
      checkSecrets({ services, development, variables: process.env })
      const tokens = peerTokens({ app: loaded.name, secret: options.secret })
      if (options.chaos) log.warn('faults are injected on purpose', { chaos: options.chaos })
      const reach = new Directory(options.chaos && chaosDetour(options.chaos, loaded, { lifecycle, log }))
      server = lifecycle.add('the database', await openDatabase({ loaded, placement, directory, log }))
      const registry = lifecycle.add('the registry', openRegistry({ app: loaded.name, placement, sql: server.admin, log }))
      const neighbours = addPeers(reach, { loaded, registry, placement, tokens, tls, lifecycle, log })
      signal?.throwIfAborted()
      await (development ? prepareDatabase : verifyDatabase)(server, loaded, placement.services)
      signal?.throwIfAborted()
      const cache = await openCache({ app: loaded.name, placement, development, lifecycle, log })
      const gates = await openLimits({ loaded, placement, development, lifecycle, log })
      const runtime = lifecycle.add(
        'the services',
        new UnitRuntime({ loaded, placement, server, directory: reach, cache, limits: gates.services, log: (service) => log.child({ service }) }),
      )
      await runtime.open()
      const quiet = new Quiet(
        () => runtime.services.values(),
        () => neighbours.urls(),
        tls,
      )
      const calls = callsOf(loaded, reach, log)
      const sql = server.admin
      const auth = await authentication({
        name: loaded.name,
        app: loaded.app,
        directory: development ? join(directory, '.banyan') : undefined,
        ask: ({ service, name }) => calls(operator())[service]![name]!(),
        sql,
        sessions: () => openSessions({ app: loaded.name, placement, development, sql, lifecycle, log }),
      })
      lifecycle.add('authentication', auth)
      const accessLog = openAccessLog(loaded.app, process.env, options.accessLines)
      const foreign = await openGateway({ app: loaded.app, placement, development, tls, accessLog, lifecycle, log })
      let status = (): UnitStatus | undefined => undefined
      const http = lifecycle.add(
        'the HTTP surface',
        await listen(options, { runtime, tokens, auth, quiet, server, gates: gates.outside, foreign, accessLog, ways: () => status() }),
      )
      const self = announceSelf(options, { http, registry, neighbours, runtime, foreign })
      status = self.status
      await runtime.listen(`${hostname()}:${http.port}`)
      signal?.throwIfAborted()
      lifecycle.add('the announcement', await self.announce())
      signal?.throwIfAborted()
      return new RunningUnit(options, { lifecycle, http, server, runtime, authentication: auth, calls, quiet })
    } catch (error) {
      const told = await server?.explain(error)
      await lifecycle[Symbol.asyncDispose]()
      // what runs for it may have been interrupted by the same Ctrl-C, and then fails in a way of its own
      throw signal?.aborted ? signal.reason : (told ?? error)
    }
  }

  /** `call` on behalf of somebody; without a name, as the operator, whom no access rule stops. */
  calls(who?: Identity): Clients {
    return this.#calls(who ? new Entrance(who, undefined) : operator())
  }

  async token(who: IdentityFields): Promise<string> {
    if (!this.#authentication.issue)
      throw new BanyanError('invalid_configuration', 'tokens are issued in development only; start with `development: true`, or ask the issuer of the app')
    return this.#authentication.issue(who)
  }

  quiet(): Promise<void> {
    return this.#quiet.wait()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lifecycle[Symbol.asyncDispose]()
  }
}

type CallFactory = ReturnType<typeof callFactory>

/** Calls to every service of the app, wherever it runs. */
function callsOf({ services }: LoadedApp, { binding }: Directory, log: RootLog): CallFactory {
  return callFactory(Object.fromEntries([...services].map(([name, { contract }]) => [name, contract])), { bindings: binding, only: 'all', log })
}

interface Peering {
  readonly loaded: LoadedApp
  readonly registry: Registry
  readonly placement: Placement
  readonly tokens: PeerTokens
  readonly tls: TlsOptions | undefined
  readonly lifecycle: Lifecycle
  readonly log: RootLog
}

function addPeers(directory: Directory, { loaded, registry, placement, tokens, tls, lifecycle, log }: Peering): Neighbours {
  const {
    peers,
    registry: { zone },
  } = placement
  const neighbours = new Neighbours()
  for (const peer of peers) {
    const known = presence({ unit: peer.unit, registry })
    const contracts = printsOf(peer.services.flatMap((service) => operationsOf(loaded.services.get(service)!.contract)))
    const way = wayTo<Instance>({
      unit: peer.unit,
      zone,
      watch: (changed) => known.watch(changed),
      connect: ({ url }) => wireUnit({ origin: url, voice: peerVoice(tokens), ...(tls && { tls }), contracts, log: log.child({ unit: peer.unit }) }),
      probe: ({ url }, signal) => readyProbe(url, { tls, signal }),
      policies: edgePolicies(peer.edge),
    })
    neighbours.add(peer.unit, { presence: known, way })
    const remote = lifecycle.add(`the connections to unit ${peer.unit}`, patientUnit(way, known))
    for (const service of peer.services) {
      directory.add(
        service,
        remoteBinding(remote),
        remoteFeed((body, signal) => remote.feed(service, body, signal)),
      )
    }
  }
  return neighbours
}
