import { run } from './run.ts'
import { terminal } from './terminal.ts'

/**
 * The command line of this process: arguments without `node` and the script. It ends the process, with the exit code of `run`, since what
 * an app's modules have opened may keep it alive for ever.
 */
export async function main(argv: readonly string[]): Promise<never> {
  const code = await run(argv, terminal())
  await Promise.all([written(process.stdout), written(process.stderr)])
  process.exit(code)
}

/** When all that was written before is on its way; a reader that has left needs no more. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => (stream.writable ? stream.write('', () => resolve()) : resolve()))
}
