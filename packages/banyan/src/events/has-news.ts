import type { Feed, FeedRequest } from './feed.ts'

/** Whether a feed has an event after the positions. A page without events may only have passed over hidden ones, so it is read on to the end. */
export async function hasNews(feed: Feed, { positions, types }: Pick<FeedRequest, 'positions' | 'types'>): Promise<boolean> {
  for (let from = positions; ;) {
    const { events, upTo } = await feed.read({ positions: from, ...(types && { types }), limit: 100, waitMs: 0 })
    const reached = from
    // a feed may give events again
    if (events.some(({ partition, position }) => position > (reached.get(partition) ?? 0))) return true
    if (![...upTo].some(([partition, position]) => position > (reached.get(partition) ?? 0))) return false
    from = upTo
  }
}
