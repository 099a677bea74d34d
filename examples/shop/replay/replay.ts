import { join } from 'node:path'
import { isBalanced, type Balance } from '../terminal/balance.ts'
import { paint } from '../terminal/paint.ts'
import { table } from '../terminal/table.ts'
import type { Arguments } from './arguments.ts'
import { auditShop, readReports } from './audit.ts'
import { compareFigures } from './compare.ts'
import { Door } from './door.ts'
import { Drive } from './drive.ts'
import { readExpected } from './expected.ts'
import { invoicesOf } from './file.ts'
import { Journal } from './journal.ts'
import { openingStock } from './opening.ts'
import { openPremises, type Premises } from './premises.ts'
import { count, Progress } from './progress.ts'
import { quiet } from './quiet.ts'
import { scheduled } from './schedule.ts'
import { generatedFile } from './source.ts'
import { survey, type Survey } from './survey.ts'
import { contracts, Till, type ShopDoor } from './till.ts'
import { watch } from './watch.ts'

/** Kills in a whole replay, about: so many that they show something, and so few that it comes to an end. */
const KILLS = 40
/** Orders between two kills at most, where so many kills would let hardly one through. */
const LEAST_PATIENCE = 12
/** Tasks that may wait behind others of their customer. */
const WAITING = 2_000

interface Work extends Survey {
  readonly given: Arguments
  readonly file: string
  readonly premises: Premises
  readonly door: ShopDoor
  readonly journal: Journal
  readonly out: NodeJS.WriteStream
  readonly stop: AbortSignal
}

/** Replays a file through a shop's front door and compares the books. Resolves to the exit code: 0 where they agree. */
export async function replay(given: Arguments, out: NodeJS.WriteStream, stop: AbortSignal): Promise<number> {
  const say = (text: string): void => void (given.json || out.write(`${text}\n`))
  await using premises = await openPremises(given)
  const file = given.file ?? (await generatedFile(premises.directory, given.seed))
  const read = await survey(invoicesOf(file, given.limit))
  const { figures, goods } = read
  say(`${paint('bold', file)}: ${count(figures.lines)} lines, ${count(figures.invoices)} invoices, ${count(goods.length)} products`)
  say(`The shop: ${premises.description}; seed ${given.seed}, ${given.atOnce} at once\n`)
  const { invoices, lines, quantity, amount, first, last } = figures
  using journal = new Journal(join(premises.directory, 'replay.jsonl'), { seed: given.seed, invoices, lines, quantity, amount, first, last })
  if (journal.isOpen) say(`${count(journal.told.invoices)} invoices were handed in before; going on\n`)
  await using door = new Door(contracts, premises.urls, stop)
  const work = { ...read, given, file, premises, door, journal, out, stop }
  const kills = await drive(work)
  stop.throwIfAborted()
  const balances = await compare(work)
  const exact = isBalanced(balances)
  if (given.json) out.write(`${JSON.stringify({ exact, kills, balances, refused: Object.fromEntries(journal.told.refused) })}\n`)
  say(`\n${table(balances)}`)
  say(
    `\n  Refused: ${[...journal.told.refused]
      .sort(([, one], [, other]) => other - one)
      .map(([reason, of]) => `${reason} ${count(of)}`)
      .join(' · ')}`,
  )
  say(
    exact
      ? paint('green', `\nEverything agrees${kills === 0 ? '' : `, although something was killed ${kills} times`}.`)
      : paint('red', `\nThe books differ; the shop is in ${premises.directory}.`),
  )
  if (exact) premises.forget()
  return exact ? 0 : 1
}

/** Hands everything in, and waits until the shop is quiet; answers how often something was killed. */
async function drive({ given, file, premises, door, journal, figures, goods, out, stop }: Work): Promise<number> {
  let kills = 0
  const progress = new Progress({ out, json: given.json, totals: figures })
  const done = new AbortController()
  const end = AbortSignal.any([stop, done.signal])
  const options = { atOnce: given.atOnce, waiting: WAITING, stop }
  const drive = new Drive({ till: new Till(door, stop), journal, seed: given.seed })
  const driven = async () => {
    try {
      await drive.open(openingStock(goods, given.seed), options)
      const patience = Math.max(LEAST_PATIENCE, Math.round((2 * figures.sales) / KILLS))
      const killer = given.kill
        ? premises.kill(
            () => journal.told.orders,
            patience,
            () => kills++,
            end,
          )
        : undefined
      await drive.run(scheduled(invoicesOf(file, given.limit)), options)
      done.abort()
      await killer
    } finally {
      done.abort()
    }
    await quiet(door, stop)
  }
  await Promise.all([driven(), watch({ progress, door, told: journal.told, kills: () => kills }, end)])
  return kills
}

async function compare({ given, premises, door, journal, figures }: Work): Promise<Balance[]> {
  const received = { by: 'received', figures: await readReports(door) }
  const file = { by: 'in the file', figures }
  const expected = given.check === undefined ? undefined : { by: 'expected', figures: await readExpected(given.check) }
  // what is expected of a file is not expected of a part of it
  const whole = given.limit === Infinity ? expected : undefined
  return [
    ...(whole ? compareFigures(file, whole) : []),
    ...compareFigures(whole ?? file, received),
    ...(await auditShop(door, { told: journal.told, book: premises.book(), faults: premises.faults() })),
  ]
}
