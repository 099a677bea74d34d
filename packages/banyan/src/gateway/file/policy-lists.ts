import { BanyanError } from '../../kernel/errors.ts'
import type { PolicyConfig } from '../config.ts'
import type { GatewayParts, PolicyKind } from '../policy-kind.ts'
import { choice } from './choice.ts'
import type { GatewayDocument } from './document.ts'
import type { Path } from './pointer.ts'

/**
 * A list of policies with its short forms spelt out: `name` and `name:` with nothing behind it have no settings. What is no policy stays as
 * it is, for the schema to refuse.
 */
export function spelledPolicies(list: unknown, kinds: ReadonlySet<string>): unknown {
  if (!Array.isArray(list)) return list
  return list.map((item: unknown) => {
    if (typeof item === 'string') return kinds.has(item) ? { [item]: {} } : item
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
    return Object.fromEntries(Object.entries(item).map(([kind, settings]) => [kind, settings ?? {}]))
  })
}

export interface PolicyListsOptions {
  readonly document: GatewayDocument
  readonly kinds: readonly PolicyKind[]
  readonly pipelines: Readonly<Record<string, unknown>>
  readonly parts: GatewayParts
  /** The same with a Redis: what works with these alone is a warning only. */
  readonly withRedis?: GatewayParts | undefined
  /** Whether the schema had nothing to say against what stands at a path. */
  readonly sound: (path: Path) => boolean
}

/** The lists of policies of one file. */
export class PolicyLists {
  readonly #options: PolicyListsOptions
  readonly #kinds: ReadonlyMap<string, PolicyKind>
  /** Pipelines read so far, and those being read. */
  readonly #read = new Map<string, readonly PolicyConfig[] | 'reading'>()

  constructor(options: PolicyListsOptions) {
    this.#options = options
    this.#kinds = new Map(options.kinds.map((kind) => [kind.name, kind]))
    for (const name of Object.keys(options.pipelines)) {
      if (this.#kinds.has(name)) options.document.rejectKey(['pipelines', name], 'has the name of a policy; give it another')
      else this.#pipeline(name)
    }
  }

  /** The policies that a list stands for, those of its pipelines among them. Notes unknown names, circles, and settings that make no sense. */
  policies(list: unknown, path: Path): readonly PolicyConfig[] {
    if (!Array.isArray(list)) return []
    return list.flatMap((item: unknown, index) => {
      const place = [...path, index]
      if (typeof item === 'string') return this.#named(item, place)
      if (typeof item !== 'object' || item === null) return []
      return Object.entries(item).map(([kind, settings]) => this.#policy(kind, settings, place))
    })
  }

  #policy(kind: string, settings: unknown, place: Path): PolicyConfig {
    const { document, sound, parts, withRedis } = this.#options
    const why = sound(place) ? this.#trouble(kind, settings, parts) : undefined
    if (why !== undefined) {
      if (withRedis && this.#trouble(kind, settings, withRedis) === undefined)
        document.warn([...place, kind], `works only in an app whose topology names a Redis: ${why}`)
      else document.reject([...place, kind], `does not work: ${why}`)
    }
    return { kind, settings, line: document.line(place) }
  }

  /** Why a policy cannot be opened; `undefined`: it can. */
  #trouble(kind: string, settings: unknown, parts: GatewayParts): string | undefined {
    try {
      this.#kinds.get(kind)?.open(settings as never, parts)
      return undefined
    } catch (error) {
      if (!BanyanError.is(error, 'invalid_configuration')) throw error
      return error.message
    }
  }

  #named(name: string, place: Path): readonly PolicyConfig[] {
    const { document, pipelines } = this.#options
    if (!Object.hasOwn(pipelines, name)) {
      const there = [...this.#kinds.keys(), ...Object.keys(pipelines)]
      document.reject(place, `is ${document.quote(place, name)}, which is neither a policy nor a pipeline; ${choice(name, there)}`)
      return []
    }
    if (this.#read.get(name) !== 'reading') return this.#pipeline(name)
    document.reject(place, `leads back to the pipeline ${name}, of which it is a part; take it out`)
    return []
  }

  #pipeline(name: string): readonly PolicyConfig[] {
    const known = this.#read.get(name)
    if (known !== undefined && known !== 'reading') return known
    this.#read.set(name, 'reading')
    const policies = this.policies(this.#options.pipelines[name], ['pipelines', name])
    this.#read.set(name, policies)
    return policies
  }
}
