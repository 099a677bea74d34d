import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fleet } from '../fleet/fleet.ts'
import { killAtRandom } from '../fleet/killer.ts'
import { placeIn } from '../fleet/place.ts'
import { readBook, type ProviderBook } from '../fleet/provider-book.ts'
import { random } from '../fleet/random.ts'
import { Supervisor } from '../fleet/supervisor.ts'
import type { Arguments } from './arguments.ts'

/** Where a replay happens: the shop, and the directory with the journal. Disposing of it closes the shop, if it was opened here. */
export interface Premises extends AsyncDisposable {
  readonly directory: string
  readonly urls: readonly string[]
  /** For what people are told. */
  readonly description: string
  /** What the card provider has written down; `undefined` where somebody else has opened the shop. */
  book(): ProviderBook | undefined
  /** What processes that nobody killed have died of. */
  faults(): readonly string[]
  /** Kills processes and database at random until `stop`: sometimes at once, mostly after at most so many more orders. */
  kill(orders: () => number, patience: number, killed: () => void, stop: AbortSignal): Promise<void>
  /** Lets a temporary directory be removed in the end. */
  forget(): void
}

export async function openPremises({ urls, directory: asked, topology, seed }: Arguments): Promise<Premises> {
  const directory = asked ?? (await mkdtemp(join(tmpdir(), 'shop-replay-')))
  await mkdir(directory, { recursive: true })
  let forgotten = false
  const forget = () => void (forgotten = asked === undefined)
  const tidy = async () => {
    if (forgotten) await rm(directory, { recursive: true, force: true })
  }
  if (urls.length > 0) return { ...somebodyElses(urls), directory, forget, [Symbol.asyncDispose]: tidy }
  const place = await placeIn(directory)
  const fleet = await Fleet.at(place, { app: import.meta.resolve('../banyan.config.ts'), topology })
  const supervisor = new Supervisor(fleet)
  const close = async () => {
    await supervisor[Symbol.asyncDispose]()
    await place[Symbol.asyncDispose]()
    await tidy()
  }
  await supervisor.allOpen().catch(async (error: unknown) => {
    await close()
    throw error
  })
  return {
    directory,
    urls: fleet.urls,
    description: `${fleet.units.length === 1 ? 'one process' : `units ${fleet.units.join(' and ')}`}, database ${place.database}, in ${directory}`,
    book: () => readBook(fleet.book),
    faults: () => supervisor.faults,
    kill: (accepted, patience, killed, stop) =>
      killAtRandom({ random: random(seed).for('the killer'), place, supervisor, units: fleet.units, accepted, patience, killed }, stop),
    forget,
    [Symbol.asyncDispose]: close,
  }
}

function somebodyElses(urls: readonly string[]): Omit<Premises, 'directory' | 'forget' | typeof Symbol.asyncDispose> {
  return {
    urls,
    description: `the one at ${urls.join(' and ')}`,
    book: () => undefined,
    faults: () => [],
    kill: async () => {},
  }
}
