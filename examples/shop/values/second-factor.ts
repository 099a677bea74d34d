import { claim } from 'banyan'
import type { Access } from 'banyan/types'

/** Callers who have logged in with a second factor, as their token says (`amr`, RFC 8176). */
export function withSecondFactor<Output = unknown, Input = unknown>(): Access<Output, Input> {
  return { ...claim<Output, Input>('amr', 'mfa'), text: 'second factor' }
}
