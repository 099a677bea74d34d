import type { Feed, FeedRequest } from './feed.ts'

/** Whether a feed has an event after the positions. A page without events may only have passed over hidden ones, so it is read on to the end. */
export async function hasNews(feed: Feed, { positions, types }: Pick<FeedRequest, 'positions' | 'types'>): Promise<boolean> {
  for (let from = positions; ;) {
    const { events, upTo } = await feed.read({ positions: from, ...(types && { types }), limit: 100, waitMs: 0 })
    if (events.length > 0) return true
    const reached = from
    if (![...upTo].some(([partition, position]) => position > (reached.get(partition) ?? 0))) return false
    from = upTo
  }
}
