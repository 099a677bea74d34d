import * as oidc from 'openid-client'
import { systemClock, type Clock } from '../kernel/clock.ts'
import { BanyanError, messageOf } from '../kernel/errors.ts'

export interface OidcClientOptions {
  /** The issuer identifier of the provider. */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly scopes: readonly string[]
  readonly clock?: Pick<Clock, 'monotonic'>
}

/** What a log-in under way is known by. It is the browser's own; nobody else may see it. */
export interface LogInUnderWay {
  readonly state: string
  readonly nonce: string
  /** The PKCE code verifier (RFC 7636). */
  readonly verifier: string
}

/** An OpenID Connect provider, as its client (relying party) sees it. */
export interface OidcClient {
  /** Begins a log-in; `url` is where the browser goes. Throws `unavailable` where the provider does not answer. */
  begin(redirectUri: string): Promise<LogInUnderWay & { readonly url: string }>
  /** The claims of the ID token for whoever came back to `url`. Throws `unauthenticated` with the reason, or `unavailable`. */
  finish(url: URL, began: LogInUnderWay): Promise<Readonly<Record<string, unknown>>>
  /** Where the browser ends its session at the provider (RP-Initiated Logout); `undefined` where it has no such page, or does not answer. */
  endUrl(returnTo: string): Promise<string | undefined>
}

/** How long what the provider says of itself is used. */
const FRESH_MS = 3_600_000
const TIMEOUT_S = 10
const CHALLENGE = 'S256'

/**
 * The authorization code flow (RFC 6749 §4.1) with PKCE S256, state and nonce as RFC 9700 has them; `iss` of the answer is checked (RFC 9207),
 * and the ID token's signature, issuer, audience, times and nonce. The provider is asked for its addresses when first needed, so that it
 * need not be there when the app starts, and again every hour; while it does not answer, the last ones stay in use.
 */
export function oidcClient({ issuer, clientId, clientSecret, scopes, clock = systemClock }: OidcClientOptions): OidcClient {
  const server = issuerUrl(issuer)
  let known: { readonly config: oidc.Configuration; readonly until: number } | undefined
  let asking: Promise<oidc.Configuration> | undefined

  async function discovered(): Promise<oidc.Configuration> {
    const insecure = server.protocol === 'http:' ? [oidc.allowInsecureRequests] : []
    const authentication = clientSecret === undefined ? oidc.None() : undefined
    const config = await oidc.discovery(server, clientId, clientSecret, authentication, {
      execute: [...insecure, oidc.enableNonRepudiationChecks],
      timeout: TIMEOUT_S,
    })
    known = { config, until: clock.monotonic() + FRESH_MS }
    return config
  }

  async function provider(): Promise<oidc.Configuration> {
    if (known && clock.monotonic() < known.until) return known.config
    asking ??= discovered().finally(() => (asking = undefined))
    try {
      return await asking
    } catch (error) {
      if (known) return known.config
      throw new BanyanError('unavailable', `the identity provider ${issuer} does not answer: ${deepMessage(error)}`, { cause: error, executed: 'no' })
    }
  }

  return {
    async begin(redirectUri) {
      const config = await provider()
      const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()]
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: scopes.join(' '),
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: CHALLENGE,
        state,
        nonce,
      })
      return { state, nonce, verifier, url: url.href }
    },
    async finish(url, { state, nonce, verifier }) {
      const config = await provider()
      try {
        const tokens = await oidc.authorizationCodeGrant(config, url, { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier })
        return { ...tokens.claims() }
      } catch (error) {
        throw refusal(error, issuer)
      }
    },
    async endUrl(returnTo) {
      const config = await provider().catch((error: unknown) => {
        // who logs out here has done so, also while the provider is away
        if (BanyanError.is(error, 'unavailable')) return undefined
        throw error
      })
      if (config?.serverMetadata().end_session_endpoint === undefined) return undefined
      return oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: returnTo }).href
    },
  }
}

function issuerUrl(issuer: string): URL {
  const url = URL.parse(issuer)
  const local = url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url && (url.protocol === 'https:' || local)) return url
  throw new BanyanError('invalid_configuration', `the issuer of oidc(…) is '${issuer}'; it is an https address, or for development http on this machine`)
}

function refusal(error: unknown, issuer: string): BanyanError {
  const refuse = (message: string, reason: string) => new BanyanError('unauthenticated', message, { details: { reason }, cause: error })
  if (error instanceof oidc.AuthorizationResponseError) {
    const { error: code, error_description: description } = error
    return refuse(`the identity provider refused the log-in: ${code}${description ? ` (${description})` : ''}`, code)
  }
  if (error instanceof oidc.ResponseBodyError && error.status < 500) return refuse(`the identity provider takes no code back: ${error.error}`, error.error)
  const lost = error instanceof TypeError || (error instanceof oidc.ClientError && (error.code === 'OAUTH_TIMEOUT' || error.code === 'OAUTH_ABORT'))
  if (lost || error instanceof oidc.ResponseBodyError)
    return new BanyanError('unavailable', `the identity provider ${issuer} does not answer: ${deepMessage(error)}`, { cause: error, executed: 'no' })
  return refuse(`the identity provider's answer is not accepted: ${deepMessage(error)}`, 'wrong_answer')
}

/** With the cause, which says what is wrong where the message only says that something is. */
function deepMessage(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error ? `${messageOf(error)} (${messageOf(cause)})` : messageOf(error)
}
