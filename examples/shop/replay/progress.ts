import { paint } from '../terminal/paint.ts'

/** How far a replay has come. */
export interface Moment {
  readonly elapsedMs: number
  readonly invoices: number
  readonly lines: number
  readonly accepted: number
  readonly refused: number
  /** In the logs of all services, as far as is known. */
  readonly events: number
  /** Requests sent again. */
  readonly repeats: number
  readonly kills: number
}

export interface ProgressOptions {
  readonly out: NodeJS.WriteStream
  readonly json: boolean
  readonly totals: { readonly invoices: number; readonly lines: number }
}

const WIDTH = 40
/** Rates are those of the last ten seconds. */
const WINDOW_MS = 10_000
const TELL_MS = 4_900
const parts = ' ▏▎▍▌▋▊▉█'

/** Shows how far a replay has come: a bar that is drawn again and again; where the output is no terminal, a line now and then. */
export class Progress {
  readonly #options: ProgressOptions
  readonly #window: Moment[] = []
  #drawn = 0
  #told = -Infinity

  constructor(options: ProgressOptions) {
    this.#options = options
  }

  show(moment: Moment, last = false): void {
    this.#window.push(moment)
    while (this.#window.length > 2 && this.#window[1]!.elapsedMs < moment.elapsedMs - WINDOW_MS) this.#window.shift()
    const { out, json } = this.#options
    if (out.isTTY && !json) return this.#draw(moment)
    if (!last && moment.elapsedMs - this.#told < TELL_MS) return
    this.#told = moment.elapsedMs
    out.write(json ? `${JSON.stringify({ progress: { ...moment, elapsedMs: Math.round(moment.elapsedMs) } })}\n` : `  ${this.#lines(moment).join(' · ')}\n`)
  }

  #draw(moment: Moment): void {
    const { out, totals } = this.#options
    const lines = [`  ${paint('cyan', bar(moment.lines / totals.lines))}`, ...this.#lines(moment).map((line) => `  ${line}`)]
    out.write(`${this.#drawn === 0 ? '' : `\x1b[${this.#drawn}A`}${lines.map((line) => `\x1b[2K${line}\n`).join('')}`)
    this.#drawn = lines.length
  }

  #lines(moment: Moment): string[] {
    const { lines: total, invoices } = this.#options.totals
    const rate = this.#rate(moment)
    const left = rate('lines') > 0 ? `${clock(((total - moment.lines) / rate('lines')) * 1000)} left` : 'time left not known yet'
    return [
      `${clock(moment.elapsedMs)} ${percent(moment.lines, total)}, ${left}`,
      `${count(moment.invoices)} of ${count(invoices)} invoices (${count(rate('invoices'))}/s)`,
      `${count(moment.lines)} lines (${count(rate('lines'))}/s)`,
      `${count(moment.accepted)} accepted + ${count(moment.refused)} refused`,
      `${count(moment.events)} events (${count(rate('events'))}/s)`,
      ...(moment.repeats > 0 ? [`${count(moment.repeats)} requests sent again`] : []),
      ...(moment.kills > 0 ? [paint('red', `${moment.kills} kills`)] : []),
    ]
  }

  #rate(now: Moment): (of: 'invoices' | 'lines' | 'events') => number {
    const then = this.#window[0]!
    const seconds = (now.elapsedMs - then.elapsedMs) / 1000
    return (of) => (seconds > 0 ? Math.round((now[of] - then[of]) / seconds) : 0)
  }
}

function bar(share: number): string {
  const eighths = Math.round(Math.min(1, share) * WIDTH * 8)
  const rest = eighths % 8
  return `${'█'.repeat(Math.floor(eighths / 8))}${rest === 0 ? '' : parts[rest]}`.padEnd(WIDTH, '░')
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '100 %' : `${Math.floor((part / whole) * 100)} %`
}

/** `1:05`. */
export function clock(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** `25,900`. */
export function count(number: number): string {
  return number.toLocaleString('en-GB')
}
