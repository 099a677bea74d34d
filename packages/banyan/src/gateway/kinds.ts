import type { PolicyKind } from './policy-kind.ts'

/** Every kind of policy that a gateway file can name. */
export const policyKinds: readonly PolicyKind[] = []
