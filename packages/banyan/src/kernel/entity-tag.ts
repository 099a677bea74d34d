import { hash } from 'node:crypto'

/** A strong entity tag (RFC 9110 §8.8.3) of a body: the same bytes, the same tag. */
export function entityTag(body: string): string {
  return `"${hash('sha1', body, 'base64url')}"`
}
