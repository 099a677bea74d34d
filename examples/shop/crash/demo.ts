import { once } from 'node:events'
import { audit, isBalanced, readBooks, type Balance } from './audit.ts'
import { readArguments, type Arguments } from './arguments.ts'
import { ClientBook } from './client-book.ts'
import { Customers } from './customers.ts'
import { Fleet } from './fleet.ts'
import { FrontDoor } from './front-door.ts'
import { killAtRandom } from './killer.ts'
import { paint, Picture } from './picture.ts'
import { openPlace, type Place } from './place.ts'
import { readBook } from './provider-book.ts'
import { random } from './random.ts'
import { Supervisor } from './supervisor.ts'
import { table } from './table.ts'
import { watch } from './watch.ts'

const settings = readArguments(process.argv.slice(2), { seconds: 20, seed: 1 + Math.floor(Math.random() * 9999), topology: 'split' })
const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())
const place = await openPlace()
const balanced = await demonstrate(settings, place).catch(async (error: unknown) => {
  if (!interrupted.signal.aborted) throw error
  return undefined
})
if (balanced === false) {
  console.log(paint('red', `\nThe books do not balance. What the units said and the database are in ${place.options.directory}; --seed ${settings.seed} kills the same again.`))
  process.exitCode = 1
} else {
  await place[Symbol.asyncDispose]()
}

async function demonstrate({ seconds, seed, topology }: Arguments, place: Place): Promise<boolean> {
  const chance = random(seed)
  const fleet = await Fleet.at(place, topology)
  console.log(paint('bold', `A shop under fire: ${fleet.units.length === 1 ? 'one process' : `units ${fleet.units.join(' and ')}`}, database ${place.database}, seed ${seed}`))
  console.log(`For ${seconds} s customers order over HTTP while ${place.killable ? 'units and PostgreSQL are' : 'units are'} killed with kill -9 and started again.`)
  console.log('Whoever gets no answer asks again under the same Idempotency-Key.\n')
  await using supervisor = new Supervisor(fleet)
  const door = new FrontDoor(fleet.urls, chance.for('the door'))
  const book = new ClientBook()
  const customers = await Customers.arrive(door, book, chance)
  await customers.stockUp()

  const picture = new Picture({ out: process.stdout, totalMs: seconds * 1000, units: fleet.units.length })
  const stop = AbortSignal.any([AbortSignal.timeout(seconds * 1000), interrupted.signal])
  const killed = (what: string) => picture.killed(what)
  await Promise.all([
    customers.order(stop),
    killAtRandom({ random: chance.for('the killer'), place, supervisor, units: fleet.units, killed }, stop),
    watch({ picture, door, book, supervisor, staff: customers.staff }, stop),
  ])

  interrupted.signal.throwIfAborted()
  const open = book.count('unknown')
  console.log(`\n${picture.kills} kills, and now none any more. ${open} orders have no answer yet and are sent again; then whatever is under way comes to its end.\n`)
  await Promise.race([settle(supervisor, customers), once(interrupted.signal, 'abort')])
  interrupted.signal.throwIfAborted()
  const books = await readBooks(door, customers.staff, customers.tokens)
  const balances = [...audit({ client: book, provider: readBook(fleet.book), ...books }), survivors(supervisor, fleet)]
  console.log(table(balances))
  if (!isBalanced(balances)) return false
  console.log(paint('green', `\nNothing was lost and nothing happened twice, although ${book.repeats} requests were sent again.`))
  return true
}

async function settle(supervisor: Supervisor, customers: Customers): Promise<void> {
  await supervisor.allOpen()
  await customers.settle()
  await supervisor.quiet()
}

/** A process that dies without being killed is a mistake as well. */
function survivors({ faults }: Supervisor, { units }: Fleet): Balance {
  return { what: 'nobody else died', one: `${units.length} units`, other: `${units.length - faults.length} alive but for kills`, faults }
}
