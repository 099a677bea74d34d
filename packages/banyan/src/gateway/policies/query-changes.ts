import type { JsonSchema } from '../file/schema-texts.ts'

/** How the parameters of a query are changed; in this order. */
export interface QueryChanges {
  readonly remove?: readonly string[]
  readonly set?: Readonly<Record<string, string | number | boolean>>
}

export const queryChangesSchema: JsonSchema = {
  type: 'object',
  properties: {
    remove: { description: 'First: these are taken away.', type: 'array', items: { type: 'string' } },
    set: { description: 'Then: these have this value, whatever it was.', type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
  },
  additionalProperties: false,
}

/** The change of a query, without its `?`. Parameters that are not named stay as they were written. */
export function queryChanges({ remove = [], set = {} }: QueryChanges): (query: string) => string {
  const gone = new Set([...remove, ...Object.keys(set)])
  const fixed = Object.entries(set).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
  return (query) => {
    const kept = query.split('&').filter((pair) => pair !== '' && !gone.has(nameOf(pair)))
    return [...kept, ...fixed].join('&')
  }
}

/** As a server reads it, so that a name is found however it is written. */
function nameOf(pair: string): string {
  return new URLSearchParams(pair).keys().next().value ?? ''
}
