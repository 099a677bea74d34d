import { BanyanError } from 'banyan'
import { paint } from '../terminal/paint.ts'
import { readArguments, usage, type Arguments } from './arguments.ts'
import { MalformedFile } from './csv.ts'
import { replay } from './replay.ts'

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())
const given = read()
if (given) process.exitCode = await replay(given, process.stdout, stop.signal).catch(told)

function read(): Arguments | undefined {
  try {
    // npm runs it in the folder of the example
    return readArguments(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd())
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    console.error(`${error.message}\n\n${usage}`)
    process.exitCode = 2
  }
}

/** Mistakes of whoever runs it are told in a sentence; others with where they happened. */
function told(error: unknown): number {
  if (stop.signal.aborted) return 130
  const known = error instanceof MalformedFile || error instanceof RangeError || BanyanError.is(error) || (error as NodeJS.ErrnoException).code === 'ENOENT'
  console.error(paint('red', known ? (error as Error).message : String((error as Error).stack)))
  return 1
}
