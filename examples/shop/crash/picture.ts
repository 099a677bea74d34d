import { paint } from '../terminal/paint.ts'

/** How things stand at a moment of the demo. */
export interface Moment {
  readonly elapsedMs: number
  readonly unitsOpen: number
  readonly sent: number
  readonly accepted: number
  readonly refused: number
  /** As the shop said when it was last asked. */
  readonly shipped: number
  readonly cancelled: number
}

export interface PictureOptions {
  readonly out: NodeJS.WriteStream
  readonly totalMs: number
  readonly units: number
}

const COLUMNS = 60
const marks: Readonly<Record<string, string>> = { 'the database': 'D', 'one database process': 'd', everything: '!' }
const bars = ' ▁▂▃▄▅▆▇█'

/** What is happening, as a few lines that are drawn again and again; where the output is no terminal, as a line now and then. */
export class Picture {
  readonly #options: PictureOptions
  readonly #kills = new Map<string, number>()
  /** Orders accepted, and the first letter of what was killed, by column of the chart. */
  readonly #accepted: number[] = []
  readonly #marks: string[] = []
  #last: Moment | undefined
  #drawn = 0
  #told = 0

  constructor(options: PictureOptions) {
    this.#options = options
  }

  get kills(): number {
    return [...this.#kills.values()].reduce((sum, count) => sum + count, 0)
  }

  killed(what: string): void {
    this.#kills.set(what, (this.#kills.get(what) ?? 0) + 1)
    this.#marks[this.#column(this.#last?.elapsedMs ?? 0)] = marks[what] ?? '×'
  }

  show(moment: Moment): void {
    const column = this.#column(moment.elapsedMs)
    this.#accepted[column] = (this.#accepted[column] ?? 0) + moment.accepted - (this.#last?.accepted ?? 0)
    this.#last = moment
    if (this.#options.out.isTTY) return this.#draw(moment)
    if (moment.elapsedMs - this.#told < 4_900) return
    this.#told = moment.elapsedMs
    this.#options.out.write(`  ${seconds(moment.elapsedMs)}: ${ordersOf(moment)}; ${fulfilmentOf(moment)}; killed: ${this.#killedSoFar()}\n`)
  }

  #draw(moment: Moment): void {
    const { out, units } = this.#options
    const lines = [
      `  orders   ${this.#chart()}`,
      `  killed   ${paint('red', Array.from({ length: COLUMNS }, (_, column) => this.#marks[column] ?? ' ').join(''))}`,
      paint('dim', '           × a unit   D the database   d one of its processes   ! everything'),
      '',
      `  ${seconds(moment.elapsedMs).padEnd(8)} ${moment.unitsOpen === units ? paint('green', 'the shop is open') : paint('yellow', `${moment.unitsOpen} of ${units} units are open`)}`,
      `  kills    ${this.#killedSoFar()}`,
      `  orders   ${ordersOf(moment)}`,
      `  of them  ${fulfilmentOf(moment)}`,
    ]
    out.write(`${this.#drawn === 0 ? '' : `\x1b[${this.#drawn}A`}${lines.map((line) => `\x1b[2K${line}\n`).join('')}`)
    this.#drawn = lines.length
  }

  #chart(): string {
    const most = Math.max(1, ...this.#accepted.filter(Boolean))
    const bar = (count: number): string => bars[count === 0 ? 0 : Math.max(1, Math.round((count / most) * (bars.length - 1)))]!
    return paint('cyan', this.#accepted.map((count) => bar(count ?? 0)).join(''))
  }

  #killedSoFar(): string {
    return [...this.#kills].map(([what, count]) => `${what} ${count}`).join(' · ') || 'none yet'
  }

  #column(elapsedMs: number): number {
    return Math.min(COLUMNS - 1, Math.floor((elapsedMs / this.#options.totalMs) * COLUMNS))
  }
}

function ordersOf({ sent, accepted, refused }: Moment): string {
  return `${sent} sent · ${accepted} accepted · ${refused} refused · ${sent - accepted - refused} without an answer`
}

function fulfilmentOf({ accepted, shipped, cancelled }: Moment): string {
  return `${shipped} shipped · ${cancelled} cancelled · ${Math.max(0, accepted - shipped - cancelled)} on their way`
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}
