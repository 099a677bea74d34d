import { Agent, request, type Dispatcher } from 'undici'
import { systemClock } from '../kernel/clock.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { ExtraRoute } from '../network/http/options.ts'
import { callingTls, type TlsOptions } from '../security/tls.ts'
import type { Activity, ServiceRuntime } from './service-runtime.ts'

/** Where development asks a unit whether it has something to do. */
const PATH = '/_development/activity'
const LOOK_MS = 20
/** Of three looks that see the same ends of the logs, nothing was committed to any log during the second, wherever each began and ended. */
const LOOKS = 3
const MOST_MS = 60_000

/** Addresses of the instances of other units, by unit. */
type Peers = ReadonlyMap<string, readonly string[]>

/** Tells when everything that has happened has been reacted to, projected and delivered; for development and tests. */
export class Quiet {
  readonly #services: () => Iterable<ServiceRuntime>
  readonly #peers: () => Peers
  readonly #tls: TlsOptions | undefined

  constructor(services: () => Iterable<ServiceRuntime>, peers: () => Peers, tls: TlsOptions | undefined) {
    this.#services = services
    this.#peers = peers
    this.#tls = tls
  }

  get routes(): readonly ExtraRoute[] {
    return [{ method: 'GET', path: PATH, answer: async () => ({ status: 200, body: JSON.stringify(await this.#here()) }) }]
  }

  /** Resolves once three looks in a row find nothing to do and nothing new. Throws `deadline_exceeded` after a minute. */
  async wait(): Promise<void> {
    const agent = new Agent({ connect: callingTls(this.#tls) })
    try {
      await this.#wait(agent)
    } finally {
      await agent.close()
    }
  }

  async #wait(agent: Dispatcher): Promise<void> {
    const until = systemClock.monotonic() + MOST_MS
    let before: string | undefined
    let same = 0
    for (;;) {
      const activities = [...(await this.#here()), ...(await Promise.all([...this.#peers()].map((peer) => unitActivities(peer, agent)))).flat()]
      const busy = activities.filter((activity) => activity.busy.length > 0)
      const now = busy.length === 0 ? JSON.stringify(activities) : undefined
      same = now === undefined ? 0 : now === before ? same + 1 : 1
      if (same === LOOKS) return
      before = now
      if (systemClock.monotonic() > until) {
        throw new BanyanError(
          'deadline_exceeded',
          `after ${MOST_MS / 1000} s there is still something to do: ${busy.map(({ service, busy: what }) => `${service}: ${what.join(', ')}`).join('; ')}`,
        )
      }
      await systemClock.wait(LOOK_MS)
    }
  }

  #here(): Promise<Activity[]> {
    return Promise.all([...this.#services()].map((service) => service.activity()))
  }
}

/** A unit that nobody has seen yet has something to do for all we know. */
async function unitActivities([unit, urls]: readonly [string, readonly string[]], agent: Dispatcher): Promise<Activity[]> {
  if (urls.length === 0) return [{ service: unit, busy: ['no instance of the unit is known'], end: 0 }]
  return (await Promise.all(urls.map((url) => there(url, agent)))).flat()
}

async function there(url: string, dispatcher: Dispatcher): Promise<Activity[]> {
  const { statusCode, body } = await request(new URL(PATH, url), { dispatcher })
  if (statusCode !== 200) throw new BanyanError('unavailable', `${url} does not say what it has to do (${statusCode}); only units in development do`)
  return (await body.json()) as Activity[]
}
