import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'

/** A provider at which anybody logs in with any password; arguments: its port, and the origins of the app, the first with a secret. */
const [port = '0', clientSecret = '', ...origins] = process.argv.slice(2)
const issuer = `http://127.0.0.1:${port}`
const { privateKey } = await generateKeyPair('RS256', { extractable: true })
const key = { ...(await exportJWK(privateKey)), kid: 'p1', alg: 'RS256', use: 'sig' }

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'club',
      client_secret: clientSecret,
      redirect_uris: origins.map((origin) => `${origin}/auth/callback`),
      post_logout_redirect_uris: origins.map((origin) => `${origin}/`),
    },
  ],
  jwks: { keys: [key as never] },
  cookies: { keys: [randomBytes(16).toString('hex')] },
  claims: { openid: ['sub', 'roles'], profile: ['name'], email: ['email'] },
  // the ID token has the claims, not only the userinfo endpoint
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  findAccount: (_context, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: `${sub} of the club`, email: `${sub}@example.com`, roles: ['member'] }),
  }),
})
createServer(provider.callback()).listen(Number(port), '127.0.0.1', () => process.send?.('ready'))
