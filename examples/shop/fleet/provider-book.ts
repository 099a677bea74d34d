import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { Provider } from '../payments/provider.ts'

/** What the card provider has written down of one request. */
interface Entry {
  readonly kind: 'charge' | 'refund'
  /** The order's id. Money moves once for each key, however often it is asked for. */
  readonly key: string
  readonly cents: number
  readonly declined: boolean
}

/** What a provider did, as its own books say. */
export interface ProviderBook {
  /** Cents charged and paid back, by order. */
  readonly charged: ReadonlyMap<string, number>
  readonly refunded: ReadonlyMap<string, number>
  readonly requests: number
  /** Requests that came again with another amount. */
  readonly contradictions: readonly string[]
}

/**
 * Has the provider write every request down in a file before it answers: it is another company, and does not crash with the shop.
 * `crashAt`: which charge, counted from 1, the process that asked for it does not live to see answered.
 */
export function keepBook(provider: Provider, path: string, crashAt?: number): void {
  const { charge, refund } = provider
  const write = (entry: Entry): void => appendFileSync(path, `${JSON.stringify(entry)}\n`)
  const asked = new Map<string, number>()
  let charges = 0
  for (const { kind, key } of entriesOf(path)) if (kind === 'charge') asked.set(key, (asked.get(key) ?? 0) + 1)
  provider.charge = (request) => {
    write({ kind: 'charge', key: request.key, cents: request.amount.amount, declined: request.card === 'tok_declined' })
    if (++charges === crashAt) process.kill(process.pid, 'SIGKILL')
    const times = (asked.get(request.key) ?? 0) + 1
    asked.set(request.key, times)
    // it remembers having been silent, although the process that was asked is gone
    return charge(request.card === 'tok_slow' && times > 2 ? { ...request, card: 'tok_ok' } : request)
  }
  provider.refund = (request) => {
    write({ kind: 'refund', key: request.key, cents: request.amount.amount, declined: false })
    return refund(request)
  }
}

export function readBook(path: string): ProviderBook {
  const entries = entriesOf(path)
  const books = { charge: new Map<string, number>(), refund: new Map<string, number>() }
  const contradictions: string[] = []
  for (const { kind, key, cents, declined } of entries) {
    const amount = declined ? 0 : cents
    const before = books[kind].get(key)
    if (before !== undefined && before !== amount) contradictions.push(`${kind} of ${key}: first ${before} cents, then ${amount}`)
    else books[kind].set(key, amount)
  }
  return { charged: books.charge, refunded: books.refund, requests: entries.length, contradictions }
}

function entriesOf(path: string): Entry[] {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
  // a line without an end was never answered
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Entry)
}
