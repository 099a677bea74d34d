import type { ListedEvent } from './event-query.ts'
import { branches, forest } from './tree.ts'
import { keepRecent } from './recent.ts'
import type { Style } from './style.ts'
import { table } from './table.ts'

/** How many events and chains a growing tree remembers. */
const REMEMBERED = 20_000

/** How events are drawn. */
export interface Drawing {
  readonly style: Style
  /** A terminal: ids and data are shortened to fit. */
  readonly width: number | undefined
  /** The services listed, for their colours. */
  readonly services: readonly string[]
  /** Widths of columns so far. */
  readonly widths: number[]
}

/** One line per event: time, service, type, stream, version, who, by what, data. */
export function eventLines(events: readonly ListedEvent[], drawing: Drawing): string {
  const { dim, bold } = drawing.style
  const rows = events.map((event) => [
    dim(timeText(event.at, drawing)),
    serviceText(event, drawing),
    bold(event.type),
    streamText(event.stream, drawing),
    dim(`v${event.version}`),
    event.meta.actor,
    dim(event.meta.by),
    dim(JSON.stringify(event.data)),
  ])
  return table(rows, { width: drawing.width, widths: drawing.widths })
}

/** The events as trees of causes: one for each chain, under what began it, with the time that each effect took to follow. */
export function eventTrees(events: readonly ListedEvent[], drawing: Drawing): string {
  const chains = [...Map.groupBy(events, ({ meta }) => meta.correlation).values()]
  return chains.map((chain) => chainHead(chain, drawing) + chainLines(chain, drawing)).join('\n')
}

/** What began a chain: who did what, and when. */
export function chainHead(chain: readonly ListedEvent[], drawing: Drawing): string {
  const { bold, dim } = drawing.style
  const [first] = chain as readonly [ListedEvent]
  const began = chain.find(({ meta }) => meta.causedBy === 'command')
  return `${bold(began ? began.meta.by : 'an earlier event')}  ${first.meta.actor}  ${dim(`${timeText(first.at, drawing)}  ${first.meta.correlation}`)}\n`
}

function chainLines(chain: readonly ListedEvent[], drawing: Drawing): string {
  const byId = new Map(chain.map((event) => [event.id, event]))
  const nodes = forest(
    chain,
    ({ id }) => id,
    ({ meta }) => meta.causation,
  )
  const rows = branches(nodes).map(({ item, branch }) => effectCells(item, byId.get(item.meta.causation), branch, drawing))
  return table(rows, { width: drawing.width })
}

/** An event in a tree: what it is, what wrote it, and how long after its cause. */
export function effectCells(event: ListedEvent, cause: ListedEvent | undefined, branch: string, drawing: Drawing): readonly string[] {
  const { dim, bold } = drawing.style
  const after = cause ? `+${event.at.getTime() - cause.at.getTime()} ms` : ''
  return [
    `${dim(branch)}${serviceText(event, drawing)} ${bold(event.type)}`,
    `${streamText(event.stream, drawing)} ${dim(`v${event.version}`)}`,
    // the head of the chain has said it
    event.meta.causedBy === 'command' ? '' : dim(event.meta.by),
    dim(after),
    dim(JSON.stringify(event.data)),
  ]
}

function serviceText({ service }: ListedEvent, { style, services }: Drawing): string {
  return style.nth(Math.max(0, services.indexOf(service)))(service)
}

/** For a person the time of this day; for everything else the whole, in UTC. */
export function timeText(at: Date, { width }: Pick<Drawing, 'width'>): string {
  if (width === undefined) return at.toISOString()
  const two = (number: number) => String(number).padStart(2, '0')
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`
  return at.toDateString() === new Date().toDateString() ? time : `${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`
}

/** The end of a UUID tells it from others made at the same time; `--stream` takes the short form as well. */
function streamText(stream: string, { width }: Drawing): string {
  return width === undefined ? stream : stream.replace(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{4}([0-9a-f]{8})/, '…$1')
}

/** Trees as they grow: each event is one line, as deep as its known causes, with the end of its chain's id to tell chains apart. */
export function followedLines(drawing: Drawing): (events: readonly ListedEvent[]) => string {
  const seen = new Map<string, { readonly event: ListedEvent; readonly depth: number }>()
  const chains = new Map<string, number>()
  let count = 0
  const line = (event: ListedEvent): string => {
    const { causation, correlation } = event.meta
    const cause = seen.get(causation)
    const depth = cause ? cause.depth + 1 : 0
    const head = chains.has(correlation) ? '' : `${count === 0 ? '' : '\n'}${chainHead([event], drawing)}`
    seen.set(event.id, { event, depth })
    if (head !== '') chains.set(correlation, count++)
    const cells = effectCells(event, cause?.event, `${'   '.repeat(depth)}└─ `, drawing)
    return head + table([[drawing.style.nth(chains.get(correlation)!)(correlation.slice(-4)), ...cells]], { width: drawing.width, widths: drawing.widths })
  }
  return (events) => {
    const lines = events.map(line).join('')
    for (const remembered of [seen, chains]) keepRecent(remembered, REMEMBERED)
    return lines
  }
}
