import { writeSync } from 'node:fs'
import { BanyanError } from './errors.ts'

/** Environment variable with the name of a crash point and, after a colon, at which visit the process dies there; at the first unless said. */
export const CRASH_AT = 'BANYAN_CRASH_AT'

/** Every crash point, with what has happened when the process dies there and what has not. */
export const crashPoints = {
  'commit.before': 'a batch of units is made and not sent',
  'commit.sent': 'a batch is on its way to the database, and nobody here knows whether it is committed',
  'commit.after': 'a batch is committed and nobody has been told',
  'transaction.written': 'a transaction has run its SQL and added nothing to the log',
  'transaction.appended': 'a transaction has added to the log and is not committed',
  'transaction.committed': 'a transaction is committed and nobody has been told',
  'reaction.before': 'an event is about to be handed to a reaction',
  'reaction.after': 'a reaction has run, and what it did is committed',
  'projection.applied': 'a projection has changed its tables; neither they nor the checkpoint are committed',
  'projection.committed': 'a batch of events is in the tables of a projection, and its subscription does not know yet',
  'checkpoint.before': 'events without effects are behind a subscription, and its checkpoint does not say so',
  'lease.taken': 'leases on subscriptions are taken or prolonged, and nothing is done about them',
  'send.claimed': 'a send is claimed and not delivered',
  'send.executed': 'a send is executed and not settled',
  'send.settled': 'a send is settled and nobody has been told',
  'request.executed': 'a request from outside is executed and not answered',
  'call.executed': 'a call of another unit is executed and not answered',
  'migration.run': 'a migration has run; neither it nor its record are committed',
  'migration.committed': 'a migration is committed, others may be missing',
} as const

export type CrashPoint = keyof typeof crashPoints

const target = parse(process.env[CRASH_AT])
let visits = 0

/** A place where a test may have the process die (SIGKILL), as the environment variable BANYAN_CRASH_AT says; costs a comparison otherwise. */
export function crashPoint(name: CrashPoint): void {
  if (target !== undefined && target.name === name && ++visits === target.visit) die(name)
}

function die(name: CrashPoint): void {
  writeSync(2, `${CRASH_AT}: the process dies at ${name}: ${crashPoints[name]}\n`)
  process.kill(process.pid, 'SIGKILL')
}

function parse(text: string | undefined): { readonly name: string; readonly visit: number } | undefined {
  if (text === undefined || text === '') return undefined
  const [, name = '', visit = '1'] = /^([^:]*)(?::([1-9]\d*))?$/.exec(text) ?? []
  if (Object.hasOwn(crashPoints, name)) return { name, visit: Number(visit) }
  throw new BanyanError(
    'invalid_configuration',
    `${CRASH_AT} is '${text}'; it is one of ${Object.keys(crashPoints).join(', ')}, and perhaps a colon and a count`,
  )
}
