import type { Feed, FeedEvent, FeedRequest } from '../events/feed.ts'
import { dice } from '../kernel/dice.ts'
import type { Chaos } from '../kernel/chaos.ts'

/** How many events a feed may give again. */
const AGAIN = 20

/**
 * A feed that makes use of what its guarantees leave open: it gives events again, and mixes those of different partitions. Which of its pages
 * are hit depends on their number, and that on time.
 */
export function faultyFeed(feed: Feed, service: string, { seed, life = 1, duplicates = 0, shuffles = 0 }: Chaos): Feed {
  let pages = 0
  /** Events given lately, oldest first. */
  let given: readonly FeedEvent[] = []
  return {
    async read(request) {
      const page = await feed.read(request)
      const [again = 0, mixed = 0] = dice(seed, life, `${service}.feed`, 'page', ++pages)
      // several consumers may have read them, each from where it is
      const known = given.filter((event) => wanted(event, request)).sort((one, other) => one.position - other.position)
      const room = Math.max(0, request.limit - page.events.length)
      given = [...given, ...page.events].slice(-AGAIN)
      const events = again < duplicates ? [...known.slice(0, room), ...page.events] : page.events
      return { ...page, events: mixed < shuffles ? shuffled(events, (partition) => dice(seed, life, pages, partition)[0]!) : events }
    },
  }
}

/** Whether a consumer that asks this has had the event before, and may be given it again. */
function wanted({ partition, position, type }: FeedEvent, { positions, types }: FeedRequest): boolean {
  return position <= (positions.get(partition) ?? 0) && (types === undefined || types.includes(type))
}

/** Partition after partition, in an order by chance. */
function shuffled(events: readonly FeedEvent[], chance: (partition: number) => number): readonly FeedEvent[] {
  const partitions = [...Map.groupBy(events, ({ partition }) => partition)]
  return partitions.sort(([one], [other]) => chance(one) - chance(other)).flatMap(([, of]) => of)
}
