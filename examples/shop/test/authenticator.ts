import { createHmac } from 'node:crypto'

/** An authenticator app with one account (RFC 6238): what a person holds in their hand. */
export interface Authenticator {
  /** A code that it has not shown before; the next one where the present one was shown. More than two in half a minute come too early. */
  code(): string
  /** The one shown last. */
  again(): string
  /** Six digits that are no code of these minutes. */
  wrong(): string
}

const present = () => Math.floor(Date.now() / 30_000)

/** `uri`: what its QR code says. */
export function authenticator(uri: string): Authenticator {
  const secret = new URL(uri).searchParams.get('secret')!
  let last = -1
  return {
    code: () => codeOf(secret, (last = Math.max(last + 1, present()))),
    again: () => codeOf(secret, last),
    wrong() {
      const near = new Set(Array.from({ length: 20 }, (_, step) => codeOf(secret, present() + step - 10)))
      return Array.from({ length: 21 }, (_, nth) => String(100_000 + nth)).find((digits) => !near.has(digits))!
    },
  }
}

function codeOf(secret: string, step: number): string {
  const bits = Array.from(secret, (letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', key).update(counter).digest()
  return String((mac.readUInt32BE(mac.at(-1)! & 0xf) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, '0')
}
