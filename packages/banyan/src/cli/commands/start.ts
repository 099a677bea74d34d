import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'
import type { Chaos } from '../../kernel/chaos.ts'
import { BanyanError } from '../../kernel/errors.ts'
import { readChaos } from '../../kernel/read-chaos.ts'
import { createLog, type RootLog } from '../../observe/log.ts'
import { placementOf } from '../../runtime/placement.ts'
import { RunningUnit, type UnitOptions } from '../../runtime/running-unit.ts'
import { secretFor } from '../../runtime/start.ts'
import { readTls } from '../../security/read-tls.ts'
import { addressesOf } from '../addresses.ts'
import type { Arguments } from '../arguments.ts'
import type { Command } from '../command.ts'
import { failureText } from '../failure.ts'
import type { Io } from '../io.ts'
import { LIFE } from '../life.ts'
import { portOf } from '../ports.ts'
import { loadProject } from '../project.ts'
import { reportOf, summary, type UnitReport } from '../report.ts'
import { styleOf } from '../style.ts'

const FAILED = 1

export const start: Command = {
  usage: '',
  purpose:
    'Runs one unit of a topology until SIGTERM or SIGINT; then it takes no new work, finishes what it has, and ends. A second\nsignal ends it at once. It verifies that the database has every migration (`banyan migrate` applies them) and logs JSON\nto standard output. Units of one topology know each other by BANYAN_SECRET, and\nfind each other as the topology says: by the database unless said.\nBANYAN_TLS_CERT, BANYAN_TLS_KEY and BANYAN_TLS_CA are paths of PEM files: with them it speaks TLS.',
  options: {
    topology: { type: 'text', value: 'NAME', help: "'one' unless said: a single unit with every service" },
    unit: { type: 'text', value: 'NAME', help: 'needed where the topology has several' },
    port: { type: 'text', value: 'N', help: 'PORT, or 3000; 0 takes a free one' },
    host: { type: 'text', value: 'ADDRESS', help: '127.0.0.1 unless said; 0.0.0.0 to be reached from elsewhere (BANYAN_URL: where)' },
    development: { type: 'flag', help: 'migrate, issue tokens to whoever asks, log for people: as banyan dev does' },
    chaos: { type: 'text', value: 'SEED,RATES', help: 'inject faults between services: seed=7, or seed=7,errors=0.02,latency=0.1:50ms' },
  },
  examples: [
    { line: 'DATABASE_URL=postgres://… banyan start --host 0.0.0.0', does: 'everything in one process' },
    { line: 'banyan start --topology split --unit sales', does: 'one unit of several' },
    { line: 'banyan start --chaos seed=7,drops=0.1,crashes=0.001', does: 'with answers that are lost, and a process that dies' },
  ],
  async run(args, io) {
    try {
      await runUnit(args, io)
    } catch (error) {
      if (!io.tell) throw error
      const text = failureText(error, styleOf(io.err, io.env), args.flag('verbose'))
      io.tell({ kind: 'failed', retryable: BanyanError.is(error) && error.retryable, app: BanyanError.is(error, 'invalid_app'), text })
      return FAILED
    }
    return 0
  },
}

async function runUnit(args: Arguments, io: Io): Promise<void> {
  const stop = io.untilStopped()
  const port = portOf(args, io)
  const { loaded, app, directory } = await loadProject(args, io)
  const development = args.flag('development')
  const placement = placementOf(app, args.text('topology') ?? 'one', args.text('unit'), { variables: io.env, addresses: addressesOf(io) })
  const log = logOf(args, io)
  const options = {
    loaded,
    placement,
    directory,
    development,
    host: args.text('host') ?? '127.0.0.1',
    port,
    secret: secretFor(io.env['BANYAN_SECRET'], placement.peers.length),
    tls: await readTls(undefined, io.env),
    log,
    chaos: chaosOf(args, io),
    together: io.tell !== undefined,
    signal: stop,
  }
  await using unit = await startedUnit(options)
  if (!unit) return log.info('stopped before it was ready', { unit: placement.unit })
  announce(reportOf(unit, options), development, log, io)
  if (!stop.aborted) await once(stop, 'abort')
  log.info('draining: what has begun is finished first', { unit: placement.unit })
}

function chaosOf(args: Arguments, { env }: Io): Chaos | undefined {
  const text = args.text('chaos')
  return text === undefined ? undefined : readChaos(text, Number(env[LIFE] ?? 1))
}

/** Nothing where it was told to stop before it was ready. */
async function startedUnit(options: UnitOptions): Promise<RunningUnit | undefined> {
  try {
    return await RunningUnit.start(options)
  } catch (error) {
    if (options.signal?.aborted && error === options.signal.reason) return undefined
    throw error
  }
}

function announce(report: UnitReport, development: boolean, log: RootLog, io: Io): void {
  if (io.tell) io.tell({ kind: 'ready', report })
  else if (development) io.out.write(summary([report], styleOf(io.out, io.env)))
  if (!development) log.info('listening', { ...report })
}

function logOf(args: Arguments, io: Io): RootLog {
  const level = args.flag('verbose') ? 'debug' : 'info'
  if (!args.flag('development')) return createLog({ level })
  const { colour } = styleOf(io.out, io.env)
  return createLog({ level, pretty: true, destination: { write: (line) => io.out.write(colour ? line : stripVTControlCharacters(line)) } })
}
