import { BanyanError } from '../kernel/errors.ts'
import type { Feed, FeedEvent, FeedPage, FeedRequest } from '../events/feed.ts'

/** A feed request as JSON: maps as lists of pairs. */
interface WireRequest {
  readonly positions: readonly (readonly [partition: number, position: number])[]
  readonly incarnation?: string
  readonly types?: readonly string[]
  readonly limit: number
  readonly waitMs: number
}
interface WirePage {
  readonly incarnation: string
  readonly events: readonly (Omit<FeedEvent, 'at'> & { readonly at: string })[]
  readonly upTo: readonly (readonly [number, number])[]
  readonly heads: readonly (readonly [number, number])[]
}

/** The most a peer may ask to be kept waiting, in milliseconds, and to be given at once. */
const MOST_WAIT_MS = 30_000
const MOST_EVENTS = 5_000

/** The feed of a service in another unit. */
export function remoteFeed(ask: (body: unknown, signal: AbortSignal) => Promise<unknown>): Feed {
  return {
    async read({ positions, signal, ...rest }) {
      const request: WireRequest = { ...rest, positions: [...positions] }
      const page = (await ask(request, signal ?? new AbortController().signal)) as WirePage
      return { ...page, events: page.events.map((event) => ({ ...event, at: new Date(event.at) })), upTo: new Map(page.upTo), heads: new Map(page.heads) }
    },
  }
}

/** Answers a peer's request from a feed of this process. */
export async function answerFeed(feed: Feed, body: unknown, signal: AbortSignal): Promise<unknown> {
  const page: FeedPage = await feed.read({ ...checked(body), signal })
  return { ...page, upTo: [...page.upTo], heads: [...page.heads] }
}

/** Peers are of the same app but perhaps of another release, so what they ask is looked at. */
function checked(body: unknown): FeedRequest {
  const { positions, incarnation, types, limit, waitMs } = (body ?? {}) as Partial<WireRequest>
  const good =
    isPairs(positions) &&
    isCount(limit) &&
    isCount(waitMs) &&
    (types === undefined || isTexts(types)) &&
    (incarnation === undefined || typeof incarnation === 'string')
  if (!good) throw new BanyanError('invalid_input', 'a feed request has positions, limit and waitMs; this one has not: is the peer of another release?')
  return {
    positions: new Map(positions),
    limit: Math.min(Math.max(1, limit), MOST_EVENTS),
    waitMs: Math.min(waitMs, MOST_WAIT_MS),
    ...(types === undefined ? {} : { types }),
    ...(incarnation === undefined ? {} : { incarnation }),
  }
}

function isPairs(value: unknown): value is [number, number][] {
  return Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isCount))
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
