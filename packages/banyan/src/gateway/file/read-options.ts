import type { KeyPair, KeyPairSources } from '../../security/key-pair.ts'
import type { Mistake } from './mistake.ts'
import type { GatewayParts, PolicyKind } from '../policy-kind.ts'

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>

/** What a gateway file is read with. */
export interface ReadOptions {
  /** The kinds of policies that it may name. */
  readonly kinds: readonly PolicyKind[]
  /** What `${NAME}` stands for. */
  readonly env: EnvironmentVariables
  /** What policies are opened with, once each, to see whether their settings make sense; those of the file's folder unless said. */
  readonly parts?: GatewayParts
  /** Told the absolute path of each other file that it names. */
  reads?(path: string): void
  /** Told what is no mistake and yet hardly meant. */
  warn?(warning: Mistake): void
  /**
   * Whether the Redis that the file does not name may be named elsewhere, as by a topology of the app that it is for: then what needs one is a
   * warning only, and no mistake.
   */
  readonly redisElsewhere?: boolean
  /** Whether a certificate that has expired, by its fingerprint, is a warning only and no mistake; it is unless said. */
  mayHaveExpired?(fingerprint: string): boolean
  /** The pair that these files held before and that is in use. It is kept where they hold none that can be used now, which is then a warning only. */
  pairBefore?(files: KeyPairSources): KeyPair | undefined
}
