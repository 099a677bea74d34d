import { once } from 'node:events'
import { isBalanced, type Balance } from '../terminal/balance.ts'
import { readArguments, type Arguments } from './arguments.ts'
import { Fleet } from '../fleet/fleet.ts'
import { killAtRandom } from '../fleet/killer.ts'
import { paint } from '../terminal/paint.ts'
import { Picture } from './picture.ts'
import { embeddedPlace, placeAt, type Place } from '../fleet/place.ts'
import { random } from '../fleet/random.ts'
import { Supervisor } from '../fleet/supervisor.ts'
import { table } from '../terminal/table.ts'
import { Trade } from './trade.ts'
import { watch } from './watch.ts'

const { seconds = 20, seed = 1 + Math.floor(Math.random() * 9999), topology = 'split' } = readArguments(process.argv.slice(2))
const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())
const { DATABASE_URL } = process.env
const place = await (DATABASE_URL === undefined ? embeddedPlace() : placeAt(DATABASE_URL))
const balanced = await demonstrate({ seconds, seed, topology }, place).catch(async (error: unknown) => {
  if (!interrupted.signal.aborted) throw error
  return undefined
})
if (balanced === false) {
  console.log(
    paint('red', `\nThe books do not balance. What the units said and the database are in ${place.options.directory}; --seed ${seed} kills the same again.`),
  )
  process.exitCode = 1
} else {
  await place[Symbol.asyncDispose]()
}
// what asks again until it is answered would go on
if (interrupted.signal.aborted) process.exit(130)

async function demonstrate({ seconds, seed, topology }: Required<Arguments>, place: Place): Promise<boolean> {
  const chance = random(seed)
  const fleet = await Fleet.at(place, { app: import.meta.resolve('./guarded-shop.ts'), topology })
  console.log(
    paint(
      'bold',
      `A shop under fire: ${fleet.units.length === 1 ? 'one process' : `units ${fleet.units.join(' and ')}`}, database ${place.database}, seed ${seed}`,
    ),
  )
  console.log(
    `For ${seconds} s customers order over HTTP, while ${place.killable ? 'units and PostgreSQL are' : 'units are'} killed with kill -9 and started again.`,
  )
  console.log('Whoever gets no answer asks again under the same Idempotency-Key.\n')
  await using supervisor = new Supervisor(fleet)
  const trade = await Trade.begin(() => fleet.urls, chance, 8)

  const picture = new Picture({ out: process.stdout, totalMs: seconds * 1000, units: fleet.units.length })
  const stop = AbortSignal.any([AbortSignal.timeout(seconds * 1000), interrupted.signal])
  const killed = (what: string) => picture.killed(what)
  const accepted = () => trade.book.count('accepted')
  await Promise.all([
    trade.goOn(stop),
    killAtRandom({ random: chance.for('the killer'), place, supervisor, units: fleet.units, accepted, killed }, stop),
    watch({ picture, trade, supervisor }, stop),
  ])

  interrupted.signal.throwIfAborted()
  const open = trade.book.count('unknown')
  console.log(
    `\n${picture.kills} kills, and now none any more. ${open} orders have no answer yet and are sent again; then whatever is under way comes to its end.\n`,
  )
  await Promise.race([settle(supervisor, trade), once(interrupted.signal, 'abort')])
  interrupted.signal.throwIfAborted()
  const balances = [...(await trade.audit(fleet.book)), deaths(supervisor)]
  console.log(table(balances))
  if (!isBalanced(balances)) return false
  console.log(paint('green', `\nNothing was lost and nothing happened twice, although ${trade.book.repeats} requests were sent again.`))
  return true
}

async function settle(supervisor: Supervisor, trade: Trade): Promise<void> {
  await supervisor.allOpen()
  await trade.settle()
  await supervisor.quiet()
}

/** A process that ends without being killed is a mistake as well. */
function deaths({ killed, faults }: Supervisor): Balance {
  return { what: 'nobody died of anything else', one: `${killed + faults.length} processes died`, other: `${killed} of kill -9`, faults }
}
