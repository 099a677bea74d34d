import { ageText, several } from './amounts.ts'
import { stateOf, type LiveInstance } from './live-units.ts'
import type { Rows } from './standing.ts'
import type { Style } from './style.ts'
import { table } from './table.ts'

type Units = ReadonlyMap<string, readonly LiveInstance[]>

/** For the table of a service: the instances of its unit. */
export function instanceRows(unit: string, instances: readonly LiveInstance[] | undefined, style: Style): Rows {
  if (instances === undefined) return [['instances', style.yellow('unknown'), `the registry did not say in time where unit ${unit} runs`]]
  if (instances.length === 0) return [['instances', style.red('none'), `unit ${unit} is not in the registry`]]
  return instances.map((instance) => ['instance', instance.id, painted(instance, style) + style.dim(factsOf(instance))])
}

/** Every instance of every unit, a line each. */
export function unitTable(units: Units, style: Style): string {
  const rows = [...units].flatMap(([unit, instances]) =>
    instances.length === 0
      ? [[unit, style.red('none'), '', '', '', '', '']]
      : instances.map((instance) => [
          unit,
          instance.id,
          painted(instance, style),
          instance.status ? String(instance.status.inFlight) : '',
          percent(instance.load),
          instance.status ? ageText(instance.status.upMs) : '',
          [
            instance.zone,
            instance.weight === undefined ? undefined : `weight ${instance.weight}`,
            instance.status?.cache?.redis === 'away' ? style.red('Redis away') : undefined,
          ]
            .filter((text) => text !== undefined)
            .join(', '),
        ]),
  )
  return table(rows, { head: ['UNIT', 'INSTANCE', 'STATE', 'REQUESTS', 'LOAD', 'UP', ''].map(style.dim) })
}

/** The ways from each instance to the other units, a line for each instance there. Columns are what a way tells of itself. */
export function wayTables(units: Units, style: Style): string {
  return [...units.values()]
    .flat()
    .flatMap(({ id, status }) => (status && Object.keys(status.ways).length > 0 ? [`${style.bold(`ways of ${id}`)}\n${waysOf(status.ways, style)}`] : []))
    .join('\n')
}

function waysOf(ways: NonNullable<LiveInstance['status']>['ways'], style: Style): string {
  return Object.entries(ways)
    .map(([unit, { instances, refused, ...way }]) => {
      const lines = instances.map(({ instance, healthy, ...facts }) => flat({ instance, health: healthOf(healthy, facts.ejected), ...facts }))
      const columns = [...new Set(lines.flatMap((line) => [...line.keys()]))]
      const rows = lines.map((line) => columns.map((column) => mark(column, line.get(column) ?? '', style)))
      const facts = [...flat({ ...way, refused: reasons(refused) })].map(([name, value]) => `${name} ${value}`).join(', ')
      return `  to ${unit}  ${style.dim(facts)}\n${table(rows, { head: columns.map((column) => style.dim(column.toUpperCase())), indent: '    ' })}`
    })
    .join('')
}

/** Counts that are not 0, or 0 where all are. */
function reasons(counts: object): object | number {
  const some = Object.entries(counts).filter(([, count]) => count !== 0)
  return some.length > 0 ? Object.fromEntries(some) : 0
}

/** What an object says, with its inner objects beside it; what is not known is left out. */
function flat(object: object, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(object).flatMap(([name, value]: [string, unknown]) => {
      const title = `${prefix}${words(name)}`
      if (value === undefined || value === null) return []
      if (typeof value === 'object') return [...flat(value, `${title} `)]
      return [[title.replace(/ ms$/, ''), text(value, title.endsWith(' ms'))] as const]
    }),
  )
}

function text(value: unknown, milliseconds: boolean): string {
  if (typeof value !== 'number') return String(value)
  const rounded = value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 })
  return milliseconds ? `${rounded} ms` : rounded
}

/** `latencyMs`: `latency ms` */
function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function healthOf(healthy: boolean, ejected: string | undefined): string {
  if (ejected !== undefined) return 'ejected'
  return healthy ? 'healthy' : 'not ready'
}

const BAD = /^(open|ejected|not ready)$/

function mark(column: string, value: string, { yellow, red }: Style): string {
  return BAD.test(value) ? red(value) : value === 'half-open' ? yellow(value) : value
}

function painted(instance: LiveInstance, { green, yellow, red }: Style): string {
  const state = stateOf(instance)
  return state === 'ready' ? green(state) : instance.status ? yellow(state) : red(state)
}

function factsOf({ status, load, zone }: LiveInstance): string {
  const facts = [
    ...(status ? [`up ${ageText(status.upMs)}`, several(status.inFlight, 'request'), ...cacheFacts(status)] : []),
    ...(load === undefined ? [] : [`load ${percent(load)}`]),
    ...(zone === undefined ? [] : [`zone ${zone}`]),
  ]
  return facts.length === 0 ? '' : `  ${facts.join(', ')}`
}

/** How many of those who asked were served from the cache, and whether the Redis is there that it shares. */
function cacheFacts({ cache }: NonNullable<LiveInstance['status']>): string[] {
  if (!cache) return []
  const groups = Object.values(cache.of)
  const asked = groups.reduce((sum, group) => sum + group.asked, 0)
  const served = groups.reduce((sum, { hits, stale, failing }) => sum + hits + stale + failing, 0)
  return [...(asked === 0 ? [] : [`cache ${percent(served / asked)} of ${asked}`]), ...(cache.redis === undefined ? [] : [`Redis ${cache.redis}`])]
}

function percent(load: number | undefined): string {
  return load === undefined ? '' : `${Math.round(load * 100)} %`
}
