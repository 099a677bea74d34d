import type { RootOperationNode } from 'kysely'

// functions that are known to write nothing; any other may
const pure = new Set(
  ['count', 'sum', 'avg', 'min', 'max', 'coalesce', 'lower', 'upper', 'length', 'abs', 'round', 'concat', 'now'].concat([
    'json_agg',
    'jsonb_agg',
    'to_json',
    'to_jsonb',
    'array_agg',
    'string_agg',
    'bool_and',
    'bool_or',
    'row_number',
    'rank',
    'dense_rank',
    'date_trunc',
  ]),
)

/** Whether a query is a SELECT that can be seen to write nothing: no raw SQL, no unknown function, no row locks, no writes inside WITH. */
export function isPlainSelect(query: RootOperationNode): boolean {
  return query.kind === 'SelectQueryNode' && readsOnly(query)
}

function readsOnly(part: unknown): boolean {
  if (Array.isArray(part)) return part.every(readsOnly)
  if (typeof part !== 'object' || part === null) return true
  const node = part as { kind?: unknown; func?: unknown; modifier?: unknown }
  switch (node.kind) {
    case 'RawNode':
    case 'InsertQueryNode':
    case 'UpdateQueryNode':
    case 'DeleteQueryNode':
    case 'MergeQueryNode':
      return false
    case 'ValueNode':
    case 'PrimitiveValueListNode':
      return true
    case 'FunctionNode':
    case 'AggregateFunctionNode':
      return pure.has(String(node.func).toLowerCase()) && Object.values(node).every(readsOnly)
    case 'SelectModifierNode':
      return node.modifier === 'Distinct'
    default:
      return Object.values(node).every(readsOnly)
  }
}
