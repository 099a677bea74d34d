import { rm } from 'node:fs/promises'
import { audit, isBalanced, readBooks } from './audit.ts'
import { readArguments } from './arguments.ts'
import { ClientBook } from './client-book.ts'
import { Customers } from './customers.ts'
import { Fleet } from './fleet.ts'
import { FrontDoor } from './front-door.ts'
import { killAtRandom } from './killer.ts'
import { openPlace } from './place.ts'
import { readBook } from './provider-book.ts'
import { random } from './random.ts'
import { Supervisor } from './supervisor.ts'

const settings = readArguments(process.argv.slice(2), { seconds: 20, seed: 1 + Math.floor(Math.random() * 9999), topology: 'split' })
const chance = random(settings.seed)
const place = await openPlace()
console.log(settings, place.options.directory)
const fleet = await Fleet.at(place, settings.topology)
const supervisor = new Supervisor(fleet)
const t0 = performance.now()
const at = () => `${((performance.now() - t0) / 1000).toFixed(1)} s`
await supervisor.allOpen()
console.log(at(), 'open')
const door = new FrontDoor(fleet.urls, chance.for('door'))
const book = new ClientBook()
const customers = await Customers.arrive(door, book, chance)
await customers.stockUp()
console.log(at(), 'stocked')
const stop = AbortSignal.timeout(settings.seconds * 1000)
const kills: string[] = []
const timer = setInterval(() => void door.try('GET', '/ledgers/orders', { token: customers.staff }).then((r) => console.log(at(), book.orders.length, book.count('accepted'), JSON.stringify({ ...(r?.body as object), sold: 0 }))), 1000)
await Promise.all([customers.order(stop), process.env['NOKILL'] ? undefined : killAtRandom({ random: chance.for('kills'), place, supervisor, units: fleet.units, killed: (what) => { kills.push(what); console.log(at(), 'KILL', what) } }, stop)])
console.log(at(), 'stopped', book.count('unknown'))
await supervisor.allOpen()
await customers.settle()
console.log(at(), 'settled', book.repeats)
await supervisor.quiet()
clearInterval(timer)
console.log(at(), 'quiet', supervisor.faults, door.silences)
const balances = audit({ client: book, provider: readBook(fleet.book), ...(await readBooks(door, customers.staff, customers.tokens)) })
for (const b of balances) console.log(b.faults.length ? '✗' : '✓', b.what, '|', b.one, '|', b.other, b.faults.slice(0, 10))
await supervisor[Symbol.asyncDispose]()
if (isBalanced(balances) && !process.env['KEEP']) await place[Symbol.asyncDispose]()
else process.exitCode = 1
