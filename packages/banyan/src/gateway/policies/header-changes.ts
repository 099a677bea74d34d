import { BanyanError } from '../../kernel/errors.ts'
import { FIELD_NAME, FIELD_VALUE, type JsonSchema } from '../file/schema-texts.ts'

/** How header fields are changed; in this order. */
export interface HeaderChanges {
  readonly remove?: readonly string[]
  readonly set?: Readonly<Record<string, string | number | boolean>>
  readonly add?: Readonly<Record<string, string | number | boolean>>
}

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** Values of header fields by name. */
export const headerValuesSchema: JsonSchema = {
  type: 'object',
  propertyNames: FIELD_NAME,
  additionalProperties: { ...FIELD_VALUE, type: ['string', 'number', 'boolean'] },
}

export const headerChangesSchema: JsonSchema = {
  type: 'object',
  properties: {
    remove: { description: 'First: these are taken away.', type: 'array', items: FIELD_NAME },
    set: { description: 'Second: these have this value, whatever it was.', ...headerValuesSchema },
    add: { description: 'Last: these get a further value.', ...headerValuesSchema },
  },
  additionalProperties: false,
}

/** Fields that say how a message is framed or where it goes (RFC 9110 §7.6.1, RFC 9112 §6): who changes them changes what the message is. */
const untouchable: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The change described. Throws `invalid_configuration` for fields that are not to be changed. */
export function headerChanges({ remove = [], set = {}, add = {} }: HeaderChanges): <H extends Headers>(headers: H) => H {
  const removed = remove.map(changeable)
  const fixed = Object.entries(set).map(([name, value]) => [changeable(name), String(value)] as const)
  const added = Object.entries(add).map(([name, value]) => [changeable(name), String(value)] as const)
  return (headers) => {
    const changed: Record<string, string | readonly string[] | undefined> = { ...headers }
    for (const name of removed) delete changed[name]
    for (const [name, value] of fixed) changed[name] = value
    for (const [name, value] of added) changed[name] = joined(name, changed[name], value)
    return changed as typeof headers
  }
}

/** Cookies each have a field of their own; values of all other fields may stand in one (RFC 9110 §5.3). */
function joined(name: string, before: string | readonly string[] | undefined, value: string): string | readonly string[] {
  if (before === undefined) return name === 'set-cookie' ? [value] : value
  if (typeof before !== 'string' || name === 'set-cookie') return [before, value].flat()
  return `${before}, ${value}`
}

function changeable(name: string): string {
  const field = name.toLowerCase()
  if (!untouchable.has(field)) return field
  const why = field === 'host' ? 'the upstream decides it: host: keep | target' : 'it says how the message is framed'
  throw new BanyanError('invalid_configuration', `the header field '${name}' cannot be changed; ${why}`)
}
