import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** Cost of one hash: memory in KiB, passes, lanes. The least that OWASP's Password Storage Cheat Sheet recommends. */
interface Cost {
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}
const today: Cost = { memory: 19_456, passes: 2, parallelism: 1 }
const [SALT_BYTES, HASH_BYTES] = [16, 32]

// in a thread of the pool: nothing else waits for it
const derive = promisify(argon2)

/** Argon2id of a password (RFC 9106) as a PHC string, with a salt of its own. */
export async function hashed(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  return phc(today, salt, await hash(password, today, salt, HASH_BYTES))
}

/** What an unknown person's password is held against, so that nobody can tell by the time that there is no such person. */
export const decoy: string = phc(today, Buffer.alloc(SALT_BYTES), Buffer.alloc(HASH_BYTES))

/** Whether a password is the one that was hashed, at the cost it was hashed with. */
export async function matches(password: string, stored: string): Promise<boolean> {
  const { cost, salt, tag } = read(stored)
  return timingSafeEqual(await hash(password, cost, salt, tag.length), tag)
}

/** Whether a hash was made at another cost than today's, and is to be made again when its password is known for a moment. */
export function isOutdated(stored: string): boolean {
  const { cost, salt, tag } = read(stored)
  return phc(cost, salt, tag) !== phc(today, salt, tag) || salt.length !== SALT_BYTES || tag.length !== HASH_BYTES
}

function hash(password: string, cost: Cost, nonce: Buffer, tagLength: number): Promise<Buffer> {
  // the same password typed on another keyboard is other bytes
  return derive('argon2id', { ...cost, message: password.normalize('NFKC'), nonce, tagLength })
}

function phc({ memory, passes, parallelism }: Cost, salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}

function read(stored: string): { cost: Cost; salt: Buffer; tag: Buffer } {
  const found = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z\d+/]+)\$([A-Za-z\d+/]+)$/.exec(stored)
  if (!found) throw new Error('a stored password is no PHC string of Argon2id')
  const [memory, passes, parallelism] = found.slice(1, 4).map(Number) as [number, number, number]
  return { cost: { memory, passes, parallelism }, salt: Buffer.from(found[4]!, 'base64'), tag: Buffer.from(found[5]!, 'base64') }
}
