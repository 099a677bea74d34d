import type { Node } from './modern-document.ts'
import type { RouteFacts } from './route-facts.ts'

/** Any one of these is enough, and all that one names is needed; an empty one is nothing at all. */
export type Security = readonly Readonly<Record<string, readonly string[]>>[]

/** Collects the schemes by which routes let clients in. One that two routes have alike stands once. */
export class SecuritySchemes {
  readonly #schemes = new Map<string, Node>()

  all(): Readonly<Record<string, Node>> {
    return Object.fromEntries(this.#schemes)
  }

  /** What a client has to send for a route: what its policies ask. */
  of({ security }: RouteFacts): Security {
    const needed = security.filter(({ optional }) => optional !== true)
    const strict = Object.fromEntries(needed.map((one) => [this.#place(one.name, one.scheme), one.scopes]))
    if (needed.length === security.length) return security.length === 0 ? [] : [strict]
    return [strict, Object.fromEntries(security.map((one) => [this.#place(one.name, one.scheme), one.scopes]))]
  }

  #place(name: string, scheme: Node): string {
    const text = JSON.stringify(scheme)
    // `bearer` itself is that of the app's own operations
    for (let at = 1; ; at++) {
      const key = `gateway.${name.replaceAll(/[^\w.-]/g, '_')}${at === 1 ? '' : `.${at}`}`
      const there = this.#schemes.get(key)
      if (there !== undefined && JSON.stringify(there) !== text) continue
      this.#schemes.set(key, scheme)
      return key
    }
  }
}

/** What both ask: each alternative of one with each of the other. */
export function both(a: Security, b: Security): Security {
  if (a.length === 0) return b
  if (b.length === 0) return a
  return a.flatMap((one) => b.map((other) => ({ ...one, ...other })))
}
