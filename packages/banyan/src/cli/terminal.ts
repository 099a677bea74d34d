import { createInterface } from 'node:readline'
import type { WriteStream } from 'node:tty'
import type { Io, Output, Told } from './io.ts'

/** What a shell says of a process that was interrupted: 128 + SIGINT. */
const INTERRUPTED = 130
/** A Ctrl-C comes from the terminal to all its processes, and once more from npm, which passes it on: within so many milliseconds it is one. */
const ECHO_MS = 500

/** The process itself, as a command sees it. */
export function terminal(): Io {
  const stop = new AbortController()
  let listening = false
  const out = output(process.stdout, () => stop.abort())
  const err = output(process.stderr, () => undefined)
  return {
    out,
    err,
    env: process.env,
    cwd: process.cwd(),
    ask: process.stdin.isTTY && process.stdout.isTTY ? ask : undefined,
    hear: process.stdin.isTTY && process.stdout.isTTY ? hear : undefined,
    untilStopped() {
      if (!listening) listen(stop)
      listening = true
      return stop.signal
    },
    // whether the supervisor is still there is told by its end, not by a message that does not arrive
    tell: process.send && ((message: Told) => void (process.connected && process.send!(message, undefined, undefined, () => undefined))),
  }
}

function listen(stop: AbortController): void {
  let first = 0
  const told = () => {
    if (stop.signal.aborted && performance.now() - first > ECHO_MS) process.exit(INTERRUPTED)
    if (!stop.signal.aborted) first = performance.now()
    stop.abort()
  }
  process.on('SIGTERM', told)
  const supervised = process.send !== undefined
  // Ctrl-C reaches all processes of a terminal; one that is supervised waits for what its supervisor makes of it
  process.on('SIGINT', supervised ? () => undefined : told)
  if (!supervised) return
  if (!process.connected) return stop.abort()
  process.once('disconnect', () => stop.abort())
  process.channel?.unref()
}

function ask(question: string): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  return new Promise<string | undefined>((resolve) => {
    // by Ctrl-C or Ctrl-D
    lines.once('close', () => resolve(undefined))
    lines.question(question, resolve)
  }).finally(() => lines.close())
}

/** By lines, so that the terminal stays as it is and Ctrl-C does what it does. */
function hear(entered: (line: string) => void): Disposable {
  const lines = createInterface({ input: process.stdin, terminal: false }).on('line', entered)
  return {
    [Symbol.dispose]() {
      lines.close()
      process.stdin.unref()
    },
  }
}

/** An output that may be closed by its reader, as in `banyan events | head`: what comes after is dropped. */
function output(stream: WriteStream, onClosed: () => void): Output {
  let open = true
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    open = false
    onClosed()
  })
  return {
    write: (text) => void (open && text !== '' && stream.write(text)),
    terminal: stream.isTTY,
    get width() {
      return stream.isTTY ? stream.columns : undefined
    },
  }
}
