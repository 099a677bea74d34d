import { BanyanError } from '../kernel/errors.ts'
import { misuse, readArguments } from './arguments.ts'
import type { Command, Entry } from './command.ts'
import { commands } from './commands.ts'
import { failureText } from './failure.ts'
import { commonOptions, manual, overview, usageLine } from './help.ts'
import type { Io } from './io.ts'
import { nearest } from '../kernel/nearest.ts'
import { styleOf } from './style.ts'
import { version } from './version.ts'

/** Exit codes. */
const FAILED = 1
const MISUSED = 2

/** Runs a command line (without `node` and the script) and answers its exit code: 0 done, 1 failed, 2 not understood. Never throws. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const style = styleOf(io.err, io.env)
  let usage = 'banyan <command> [options]; banyan --help says more'
  try {
    const { entry, rest } = findCommand(argv)
    if (!entry) return runNone(rest, io)
    const command = await entry.load()
    usage = `${usageLine(entry.name, command)}; banyan ${entry.name} --help says more`
    return await runCommand(entry.name, command, rest, io)
  } catch (error) {
    io.err.write(failureText(error, style, argv.includes('--verbose') || Boolean(io.env['DEBUG'])))
    if (!BanyanError.is(error, 'usage')) return FAILED
    io.err.write(style.dim(`usage: ${usage}\n`))
    return MISUSED
  }
}

async function runCommand(name: string, command: Command, rest: readonly string[], io: Io): Promise<number> {
  // before everything else, so that it also helps those who have mistyped the rest
  if (rest.includes('--help') || rest.includes('-h')) {
    io.out.write(manual(name, command, styleOf(io.out, io.env)))
    return 0
  }
  const args = readArguments(rest, { options: { ...command.options, ...commonOptions }, positionals: command.positionals ?? [0, 0] })
  return (await command.run(args, io)) ?? 0
}

function runNone(rest: readonly string[], io: Io): number {
  const args = readArguments(rest, { options: { ...commonOptions, version: { type: 'flag', short: 'v', help: '' } }, positionals: [0, 0] })
  io.out.write(args.flag('version') ? `${version}\n` : overview(commands, styleOf(io.out, io.env)))
  return 0
}

/** The command is the first word, or the first two; common options may stand before it. */
function findCommand(argv: readonly string[]): { readonly entry: Entry | undefined; readonly rest: readonly string[] } {
  const at = argv.findIndex((word, index) => !word.startsWith('-') && argv[index - 1] !== '--config')
  if (at === -1) return { entry: undefined, rest: argv }
  const [first, second] = argv.slice(at) as [string, string?]
  if (first === 'help') return { ...findCommand([...argv.slice(0, at), ...argv.slice(at + 1)]), rest: ['--help'] }
  const entry = commands.find(({ name }) => name === first || name === `${first} ${second}`)
  if (!entry) throw unknownCommand(first, second)
  return { entry, rest: [...argv.slice(0, at), ...argv.slice(at + entry.name.split(' ').length)] }
}

function unknownCommand(first: string, second: string | undefined): BanyanError {
  const family = commands.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name)
  if (family.length > 0) return misuse(`'${first}' is a family of commands: ${family.join(', ')}`)
  const names = commands.map(({ name }) => name)
  const meant = nearest(second === undefined ? first : `${first} ${second}`, names) ?? nearest(first, names)
  return misuse(`there is no command '${first}'${meant === undefined ? `; there are ${names.join(', ')}` : `; did you mean '${meant}'?`}`)
}
