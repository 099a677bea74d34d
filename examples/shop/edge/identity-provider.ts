import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'

/**
 * An identity provider to try the shop with: anybody logs in with any password, and Cleo is staff. Arguments: its port, the secret of the shop, and
 * the addresses at which browsers reach the shop.
 */
const [port = '0', clientSecret = '', ...origins] = process.argv.slice(2)
const issuer = `http://127.0.0.1:${port}`
const { privateKey } = await generateKeyPair('RS256', { extractable: true })
const key = { ...(await exportJWK(privateKey)), kid: 'one', alg: 'RS256', use: 'sig' }

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'shop',
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
    claims: () => ({ sub, name: sub, email: `${sub}@shop.example`, roles: sub === 'cleo' ? ['customer', 'staff'] : ['customer'] }),
  }),
})
createServer(provider.callback()).listen(Number(port), '127.0.0.1', () => process.send?.('ready'))
