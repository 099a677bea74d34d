import { dirname } from 'node:path'
import { chaosText, readChaos } from '../../kernel/read-chaos.ts'
import type { Command } from '../command.ts'
import { findConfig } from '../config.ts'
import { DevConsole } from '../dev-console.ts'
import { DevSession } from '../dev-session.ts'
import { portOf } from '../ports.ts'
import { styleOf } from '../style.ts'

export const dev: Command = {
  usage: '[topology]',
  purpose:
    'Runs a topology on this machine, each unit in a process of its own, and says what runs where. Migrations are applied, and\ntokens are issued to whoever asks (`banyan token`). Without DATABASE_URL it brings a PostgreSQL server of its own, whose\ndata lies in .banyan. Units are restarted when a file of the project changes, and when they die. Enter shows how they\nare, Ctrl-C lets all finish.',
  options: {
    port: { type: 'text', value: 'N', help: 'of the first unit, the others take free ones: PORT, or 3000; 0 takes a free one' },
    host: { type: 'text', value: 'ADDRESS', help: '127.0.0.1 unless said' },
    chaos: { type: 'text', value: 'SEED,RATES', help: 'inject faults between services: seed=7, or seed=7,errors=0.02,latency=0.1:50ms' },
  },
  positionals: [0, 1],
  examples: [
    { line: 'banyan dev', does: "topology 'one': a single process with every service" },
    { line: 'banyan dev split --port 8080', does: 'the same app as several processes' },
    { line: 'banyan dev --chaos seed=7', does: 'as on a bad day, which comes again with its seed' },
  ],
  async run(args, io) {
    const stop = io.untilStopped()
    const file = await findConfig(io.cwd, args.text('config'))
    const style = styleOf(io.out, io.env)
    const chaos = args.text('chaos')
    const options = {
      file,
      directory: dirname(file),
      topology: args.positionals[0] ?? 'one',
      host: args.text('host') ?? '127.0.0.1',
      port: portOf(args, io),
      // one seed for all units, also where it is chosen here
      chaos: chaos === undefined ? undefined : chaosText(readChaos(chaos)),
      verbose: args.flag('verbose'),
      colour: style.colour,
    }
    const told = new DevConsole(io, style)
    using _heard = io.hear?.(() => told.status())
    await using session = new DevSession(options, io.env, told)
    await session.run(stop)
  },
}
