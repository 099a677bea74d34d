import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair } from 'jose'
import type { SigningKey } from './contract.ts'

/** How long a key is published before it signs: longer than anybody waits before asking for an unknown key. */
export const AHEAD_MS = 60_000
/** How long a key stays published after another has taken over: longer than what it signed is good. */
export const BEHIND_MS = 3_600_000

export interface Generation {
  readonly generation: number
  readonly signs_from: Date
}

/** The key that signs at a moment: the newest whose time has come. */
export function signing<Key extends Generation>(keys: readonly Key[], now: Date): Key | undefined {
  return newest(keys.filter(({ signs_from }) => signs_from <= now))
}

/** The keys that somebody may meet a good token of: the one that signs, those to come, and those before until what they signed is past. */
export function published<Key extends Generation>(keys: readonly Key[], now: Date): Key[] {
  const oldest = signing(keys, new Date(now.getTime() - BEHIND_MS))
  return keys.filter(({ generation }) => generation >= (oldest?.generation ?? 0))
}

function newest<Key extends Generation>(keys: readonly Key[]): Key | undefined {
  return keys.toSorted((a, b) => b.generation - a.generation)[0]
}

/** A key of its own row, for ECDSA on P-256 with SHA-256. */
export async function newKey(): Promise<{ kid: string; private_jwk: string; public_jwk: string }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const kid = randomUUID()
  const open = { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } as SigningKey
  return { kid, private_jwk: JSON.stringify(await exportJWK(privateKey)), public_jwk: JSON.stringify(open) }
}
