import { cacheControl, NOTHING, type CacheControl } from './cache-control.ts'
import { field, type Fields } from './fields.ts'
import type { RouteCaching } from './settings.ts'

/** What a request asks of caches. `Pragma: no-cache` counts where there is no `Cache-Control` (RFC 9111 §5.4). */
export function requestControl(request: Fields, requests: RouteCaching['requests']): CacheControl {
  const text = field(request, 'cache-control')
  const said = text === undefined ? withPragma(field(request, 'pragma')) : cacheControl(text)
  if (requests === 'obey') return said
  return { ...NOTHING, noStore: said.noStore, onlyIfCached: said.onlyIfCached }
}

function withPragma(pragma: string | undefined): CacheControl {
  return pragma !== undefined && cacheControl(pragma).noCache ? { ...NOTHING, noCache: true } : NOTHING
}
