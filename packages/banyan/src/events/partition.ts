import { PARTITIONS } from './event.ts'

/**
 * The partition of a stream: the FNV-1a hash (32 bits, offset basis 0x811c9dc5, prime 0x01000193) of its name in UTF-8, upper half
 * XORed onto the lower, modulo 64. It must never change: the events of existing streams would be looked for in other partitions.
 */
export function partitionOf(stream: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < stream.length; i++) {
    const unit = stream.charCodeAt(i)
    if (unit > 0x7f) return folded(hashBytes(hash, Buffer.from(stream.slice(i))))
    hash = Math.imul(hash ^ unit, 0x01000193)
  }
  return folded(hash)
}

function hashBytes(start: number, bytes: Uint8Array): number {
  return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), start)
}

function folded(hash: number): number {
  return ((hash >>> 16) ^ (hash & 0xffff)) % PARTITIONS
}
