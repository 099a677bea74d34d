import { randomBytes } from 'node:crypto'
import type { Gateway } from '../gateway/gateway.ts'
import type { Log } from '../model/context.ts'
import type { Instance, Registry } from '../network/discovery/registry.ts'
import type { HttpServer } from '../network/http/server.ts'
import { announcedUnit } from './announced-unit.ts'
import { announcedUrl } from './announced-url.ts'
import { loadMeter } from './load-meter.ts'
import type { Neighbours } from './neighbours.ts'
import type { Placement } from './placement.ts'
import type { UnitRuntime } from './unit.ts'
import type { UnitStatus } from './unit-status.ts'

interface Self {
  status(): UnitStatus
  /** To be called when the unit answers; disposing of what comes leaves. */
  announce(): Promise<AsyncDisposable>
}

interface SelfOptions {
  readonly placement: Placement
  readonly host: string
  readonly development: boolean
  /** Whether all units stop together, so that no caller has to hear of it first. */
  readonly together?: boolean | undefined
  readonly log: Log
}

interface SelfParts {
  readonly http: HttpServer
  readonly registry: Registry
  readonly neighbours: Neighbours
  readonly runtime: Pick<UnitRuntime, 'cache'>
  readonly foreign: Pick<Gateway, 'status'> | undefined
}

/** What this process is to others: its instance in the registry, and how it fares. */
export function announceSelf(
  { placement, host, log, development, together = false }: SelfOptions,
  { http, registry, neighbours, runtime, foreign }: SelfParts,
): Self {
  const { unit, registry: plan } = placement
  let state: UnitStatus['state'] = 'starting'
  let instance: Instance | undefined

  async function announce(): Promise<AsyncDisposable> {
    const { url, because } = announcedUrl({ said: plan.url, host, port: http.port, secure: http.url.startsWith('https:') })
    // a process that starts again is another instance, of which nothing bad is known yet
    const id = `${unit}@${new URL(url).host}/${randomBytes(4).toString('hex')}`
    instance = { id, unit, url, ...(plan.zone === undefined ? {} : { zone: plan.zone }), ...(plan.weight === undefined ? {} : { weight: plan.weight }) }
    const announced = await announcedUnit({
      registry,
      instance,
      load: loadMeter(() => http.load.share),
      leave() {
        state = 'leaving'
        http.leave()
      },
      hasCallers: () => !together && neighbours.present,
      log,
    })
    state = 'ready'
    log[development ? 'debug' : 'info']('announced', { instance: id, registry: plan.use.kind, because })
    return announced
  }

  return {
    status: () => ({
      unit,
      instance,
      pid: process.pid,
      state,
      upMs: Math.round(process.uptime() * 1_000),
      inFlight: http.load.inFlight,
      ways: neighbours.ways(),
      cache: runtime.cache,
      operations: http.operations(),
      gateway: foreign?.status(),
    }),
    async announce() {
      if (plan.use.kind !== 'static') return announce()
      state = 'ready'
      // nobody hears of it; who is connected turns to others
      return { [Symbol.asyncDispose]: async () => void (state = 'leaving') }
    },
  }
}
