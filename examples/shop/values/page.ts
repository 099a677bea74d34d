import { z } from 'zod'

/** Which part of a list: so many items after the one that `after` names, or from the beginning. */
export const PageRequest = z.object({ after: z.string().max(100).optional(), limit: z.number().int().min(1).max(100).default(20) })

/** One page of a list; `next` is the `after` of the following one, null on the last. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable() })
}

/** Makes a page of rows that were read with one more than `limit`, so that the last page is known to be the last. */
export function cut<Item>(items: readonly Item[], limit: number, cursor: (item: Item) => string): { items: Item[]; next: string | null } {
  const page = items.slice(0, limit)
  const last = page.at(-1)
  return { items: page, next: items.length > limit && last ? cursor(last) : null }
}
