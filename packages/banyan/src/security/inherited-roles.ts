import type { Identity } from '../model/access.ts'
import { identity, type IdentityFields } from './identity.ts'

/** By role, the roles that whoever has it has as well. */
export type Inheritance = Readonly<Record<string, readonly string[]>>

/** Roles with all that they include, directly or through others, each once. */
export function withInherited(roles: readonly string[], tree: Inheritance): readonly string[] {
  const found = new Set(roles)
  // a set hands out what is added while it is gone through
  for (const role of found) for (const included of Object.hasOwn(tree, role) ? tree[role]! : []) found.add(included)
  return [...found]
}

/**
 * Gives identities the roles that theirs include. Done where an identity is established, so that whoever it is passed on to need not know the
 * tree. The same identity gives the same result, since much is remembered by it.
 */
export function inheriting(tree: Inheritance): (who: Identity) => Identity {
  if (Object.keys(tree).length === 0) return (who) => who
  const known = new WeakMap<Identity, Identity>()
  return (who) => {
    let found = known.get(who)
    if (found === undefined) known.set(who, (found = identity({ ...(who satisfies IdentityFields), roles: withInherited(who.roles, tree) })))
    return found
  }
}
