import { decodeJwt } from 'jose'
import { BanyanError } from '../kernel/errors.ts'
import type { Identity } from '../model/access.ts'
import type { TokenVerifier } from './tokens.ts'

/** An issuer whose tokens are taken, and what verifies them. */
export interface Issuer {
  readonly issuer: string
  readonly verify: TokenVerifier
}

/**
 * Verifies tokens of several issuers, each by its own keys alone: the one that a token names (`iss`) is asked and no other, so that neither
 * equal key ids nor an issuer that is away have anything to do with the rest. Of several entries of one issuer, as for several audiences, the first that accepts a
 * token counts; of their refusals that of the one who knows its key.
 */
export function issuersVerifier(issuers: readonly Issuer[]): TokenVerifier {
  const [only, ...others] = issuers
  if (!only) return () => refuse('this app accepts no tokens: it has no `auth`, and the development issuer is off')
  if (others.length === 0) return only.verify
  return (token) => {
    const named = namedIn(token)
    // a token that cannot be read is told so by whoever reads it
    const [first, ...more] = named === undefined ? [only] : issuers.filter(({ issuer }) => issuer === named)
    if (!first) return refuse(`the token is by ${JSON.stringify(named)}, whose tokens this app does not take`, 'wrong_claim')
    return more.length === 0 ? first.verify(token) : firstGood(token, [first, ...more])
  }
}

/** What a token says of its issuer; believed by nobody before the issuer's keys have confirmed it. */
function namedIn(token: string): unknown {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}

async function firstGood(token: string, issuers: readonly Issuer[]): Promise<Identity> {
  let refusal: unknown
  for (const { verify } of issuers) {
    try {
      return await verify(token)
    } catch (error) {
      refusal = refusal === undefined || isOfAnother(refusal) ? error : refusal
    }
  }
  throw refusal
}

function isOfAnother(refusal: unknown): boolean {
  return BanyanError.is(refusal) && refusal.details['reason'] === 'unknown_key'
}

function refuse(message: string, reason?: string): never {
  throw new BanyanError('unauthenticated', message, reason === undefined ? {} : { details: { reason } })
}
