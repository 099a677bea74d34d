import type { Identity } from '../model/access.ts'
import type { PeerTokens } from './peer-token.ts'

/** Who a call is by and for. */
export interface Speaker {
  readonly caller: string | undefined
  readonly identity: Identity
}

/** How a process speaks to one instance of another unit. */
export interface PeerVoice {
  token(who: Speaker): string
  /** Whether the instance refused this token because of its time, so that the next one will be good. */
  refused(error: unknown, token: string): boolean
}

/** Tokens for one instance, with times on that instance's clock as its refusals tell it: a clock that is wrong, on either side, costs one more request. */
export function peerVoice(tokens: PeerTokens): PeerVoice {
  let aheadMs = 0
  return {
    token: ({ caller, identity }) => tokens.issue(caller, identity, aheadMs),
    refused(error, token) {
      const found = tokens.aheadMs(error, token)
      if (found === undefined) return false
      aheadMs = found
      return true
    },
  }
}
