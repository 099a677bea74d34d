import { BanyanError } from '../kernel/errors.ts'
import type { Feed } from '../events/feed.ts'
import type { RemoteUnit } from '../network/http/client.ts'
import type { Binding, Detour } from './binding.ts'
import { asForeign } from './foreign.ts'
import type { LocalOperation } from './invoke.ts'

/** Operations of a service in this process: by value, with a deadline and by the same rules as over the network. */
export function localBinding(operations: ReadonlyMap<string, LocalOperation>): Binding {
  return {
    invoke(operation, input, envelope) {
      const local = operations.get(operation.name)
      if (!local) return Promise.reject(asForeign(new BanyanError('not_found', `service '${operation.service}' has no operation '${operation.name}'`)))
      return local.invoke(input, envelope)
    },
  }
}

/** Operations of a service in another unit. */
export function remoteBinding(unit: RemoteUnit): Binding {
  return {
    invoke: (operation, input, envelope) =>
      unit.call(operation, input, envelope).catch((error: unknown) => {
        throw asForeign(error)
      }),
  }
}

/** Where services and their feeds are reached from this process. */
export class Directory {
  readonly #bindings = new Map<string, Binding>()
  readonly #feeds = new Map<string, Feed>()
  readonly #detour: Detour | undefined

  /** `detour`: how services of this process are reached from it, where that is not by a function call. */
  constructor(detour?: Detour) {
    this.#detour = detour
  }

  /** A service of this process. */
  host(service: string, binding: Binding, feed: Feed): void {
    const reached = this.#detour?.(service, { binding, feed }) ?? { binding, feed }
    this.add(service, reached.binding, reached.feed)
  }

  add(service: string, binding: Binding, feed: Feed): void {
    this.#bindings.set(service, binding)
    this.#feeds.set(service, feed)
  }

  readonly binding = (service: string): Binding => found(this.#bindings, service)
  readonly feed = (service: string): Feed => found(this.#feeds, service)
}

function found<T>(map: ReadonlyMap<string, T>, service: string): T {
  const value = map.get(service)
  if (value === undefined)
    throw new BanyanError('unavailable', `service '${service}' is in no unit that this process knows; known are ${[...map.keys()].join(', ')}`)
  return value
}
