import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'
import { z } from 'zod'
import { aggregate, anyone, app, authenticated, command, contract, events, implement, query, topology } from '../../src/index.ts'

const Key = z.object({ kty: z.string(), kid: z.string(), alg: z.string(), crv: z.string(), x: z.string(), y: z.string() })

/** Lets people in by a password, and says by which keys its tokens are signed. */
export const vault = contract('vault', {
  logIn: command({
    http: 'POST /log-ins',
    input: z.object({ name: z.string(), password: z.string() }),
    output: z.object({ token: z.string() }),
    errors: { Wrong: z.object({}) },
    statuses: { Wrong: 401 },
    secret: true,
  }),
  keys: query({ output: z.object({ keys: z.array(Key) }) }),
  logIns: query({ input: z.object({ name: z.string() }), output: z.object({ count: z.int() }) }),
})

/** What lies in another unit. */
export const hall = contract('hall', {
  me: query({ http: 'GET /me', output: z.object({ subject: z.string(), roles: z.array(z.string()) }) }),
  letIn: command({ input: z.object({ name: z.string(), password: z.string() }) }),
  wave: command({ input: z.object({ name: z.string(), password: z.string() }) }),
})

/** The keys that tokens are signed with; the last one signs. */
export const ring: { readonly kid: string; readonly open: JWK; sign(subject: string): Promise<string> }[] = []

export async function addKey(kid: string): Promise<void> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const sign = (subject: string) =>
    new SignJWT({ roles: ['guest'] })
      .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
      .setIssuer('the vault')
      .setAudience('castle')
      .setSubject(subject)
      .setExpirationTime('5m')
      .sign(privateKey)
  ring.push({ kid, open: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' }, sign })
}

const { LoggedIn } = events({ LoggedIn: z.object({}) })
const visitor = aggregate('visitor', { events: { LoggedIn }, initial: 0, evolve: { LoggedIn: (count) => count + 1 }, decide: { logIn: () => LoggedIn({}) } })

export const vaultService = implement(vault).service({
  handlers: {
    logIn: async ({ name, password }, { transact }) => {
      if (password === 'wrong') throw vault.logIn.errors.Wrong({})
      if (name === 'clumsy') throw new Error(`cannot check ${password}`)
      const token = await ring.at(-1)!.sign(name)
      return transact(async (tx) => {
        await tx.decide(visitor, name).logIn()
        return { token }
      })
    },
    keys: () => ({ keys: ring.map(({ open }) => open as z.infer<typeof Key>) }),
    logIns: async ({ name }, { load }) => ({ count: (await load(visitor, name)).state }),
  },
  policies: { logIn: { access: anyone() } },
})

export const hallService = implement(hall, { uses: { vault } }).service({
  handlers: {
    me: (_input, { identity }) => ({ subject: identity.subject, roles: [...identity.roles] }),
    letIn: async (who, { call }) => {
      await call.vault.logIn(who)
    },
    wave: (who, { transact }) => transact((tx) => tx.send.vault.logIn(who)),
  },
  policies: { me: { access: authenticated() } },
})

export default app('castle', {
  services: { vault: async () => ({ default: vaultService }), hall: async () => ({ default: hallService }) },
  auth: { issuer: 'the vault', audience: 'castle', jwks: vault.keys },
  topologies: { apart: topology({ units: { keep: ['vault'], yard: ['hall'] } }) },
})
