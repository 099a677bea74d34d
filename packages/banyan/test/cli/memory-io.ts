import type { Io, Output } from '../../src/cli/io.ts'
import { run } from '../../src/cli/run.ts'

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly signal?: AbortSignal
  /** As on a terminal of that many columns. */
  readonly width?: number
  /** Told everything that is written to standard output. */
  readonly onOutput?: (text: string) => void
  /** What a person answers, one after the other, and then leaves; nobody is there unless said. */
  readonly answers?: readonly string[]
}

/** Runs a command line in this process and answers what it wrote. */
export async function banyan(
  argv: readonly string[],
  { env = {}, cwd = import.meta.dirname, signal, width, onOutput, answers }: RunOptions = {},
): Promise<Ran> {
  const [out, err] = [memory(width, onOutput), memory(width)]
  const left = answers && [...answers]
  const ask = left && (async (question: string) => (out.write(question), left.shift()))
  const io: Io = { out, err, env, cwd, ask, hear: undefined, untilStopped: () => signal ?? new AbortController().signal, tell: undefined }
  const code = await run(argv, io)
  return { code, out: out.text, err: err.text }
}

function memory(width: number | undefined, onOutput?: (text: string) => void): Output & { text: string } {
  return {
    text: '',
    terminal: width !== undefined,
    width,
    write(text) {
      this.text += text
      onOutput?.(text)
    },
  }
}
