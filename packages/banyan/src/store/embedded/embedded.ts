import { systemClock } from '../../kernel/clock.ts'
import { BanyanError, messageOf } from '../../kernel/errors.ts'
import { clientConfig, type Login } from '../address.ts'
import { connectClient } from '../client.ts'
import { versionText, type ServerFacts } from '../requirements.ts'
import { program } from './binaries.ts'
import type { Listening } from './initialise.ts'
import { findPlace, removeSocketDirectory, type Place } from './place.ts'
import { stopPostmaster } from './postmaster.ts'
import { leave } from './presence.ts'
import { enterOrStart, type Entered } from './start.ts'
import { startWatcher } from './watch.ts'

export interface EmbeddedOptions {
  readonly dataDirectory: string
  /** Milliseconds without any user after which a server that nobody stopped stops by itself. */
  readonly stopAfter: number
  /** Whether the last to leave lets the server run until `stopAfter`, rather than stopping it. */
  readonly linger: boolean
  readonly listening: Listening
  readonly log: (message: string) => void
}

/** The PostgreSQL server of this project, shared with the other processes of this machine that use the same directory. */
export interface EmbeddedServer extends AsyncDisposable {
  readonly login: Login
  readonly facts: ServerFacts
  readonly data: string
  /** Resolves when the server answers, having started it again if it was gone. Happens by itself too, as soon as it goes. */
  revive(): Promise<void>
}

/** Enters or starts the embedded server. Disposing leaves it, and stops it where no other process uses it and it is not to linger. */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const place = findPlace(options.dataDirectory)
  const first = await enterOrStart(place, { listening: options.listening, create: true })
  options.log(`${first.started ? 'started' : 'joined'} the embedded PostgreSQL ${versionText(first.facts.version)} in ${place.data}`)
  const stay = new Stay(place, options, first)
  return { login: first.login, facts: first.facts, data: place.data, revive: () => stay.revive(), [Symbol.asyncDispose]: () => stay.end() }
}

/** A process's time at the server, which may be restarted any number of times in between. */
class Stay {
  readonly #place: Place
  readonly #options: EmbeddedOptions
  readonly #left = new AbortController()
  #entered: Entered | undefined
  #attempt: Promise<void> | undefined

  constructor(place: Place, options: EmbeddedOptions, first: Entered) {
    this.#place = place
    this.#options = options
    this.#settle(first)
  }

  async revive(): Promise<void> {
    const entered = this.#entered
    if (entered && (await answers(entered.login))) return
    if (entered && this.#forget(entered)) await entered.client.end()
    if (this.#left.signal.aborted) throw new BanyanError('draining', 'this process has already left the embedded server')
    this.#attempt ??= this.#enterAgain().finally(() => (this.#attempt = undefined))
    await this.#attempt
  }

  async end(): Promise<void> {
    if (this.#left.signal.aborted) return
    this.#left.abort()
    // a restart under way is waited for, since it ends with a connection to give back
    await this.#attempt?.catch(() => {})
    if (!this.#entered) return
    const { client } = this.#entered
    const alone = await leave(client).catch(() => false)
    if (alone && !this.#options.linger) {
      await stopPostmaster(this.#place.data, program(this.#place.binaries, 'pg_ctl'), this.#place.account)
      removeSocketDirectory(this.#place)
    }
    await client.end()
  }

  #settle(entered: Entered): void {
    this.#entered = entered
    entered.client.once('end', () => {
      if (this.#forget(entered)) void this.#reviveUntilDone()
    })
    const { data, binaries, account } = this.#place
    const order = { login: entered.login, data, ctl: program(binaries, 'pg_ctl'), stopAfter: this.#options.stopAfter }
    if (!entered.watched) startWatcher(account ? { ...order, account } : order)
  }

  #forget(entered: Entered): boolean {
    if (this.#entered === entered) this.#entered = undefined
    return !this.#left.signal.aborted
  }

  async #enterAgain(): Promise<void> {
    const began = performance.now()
    const entered = await enterOrStart(this.#place, { listening: this.#options.listening, create: false })
    this.#settle(entered)
    this.#options.log(
      `the embedded PostgreSQL was gone and ${entered.started ? 'was started again' : 'is back'} after ${Math.round(performance.now() - began)} ms`,
    )
  }

  async #reviveUntilDone(): Promise<void> {
    for (let pause = 500; !this.#entered && !this.#left.signal.aborted; pause = Math.min(pause * 2, 15_000)) {
      try {
        await this.revive()
      } catch (error) {
        if (this.#left.signal.aborted) return
        this.#options.log(`the embedded PostgreSQL is gone and could not be started again: ${messageOf(error)}`)
        await systemClock.wait(pause, this.#left.signal)
      }
    }
  }
}

/** Asks over a new connection: an open one may be served for a moment by what a killed server left behind. */
async function answers(login: Login): Promise<boolean> {
  try {
    const client = await connectClient(clientConfig(login, 'banyan presence'))
    await client.end()
    return true
  } catch (error) {
    if (BanyanError.is(error, 'database_unreachable')) return false
    throw error
  }
}
