import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'

/** A key of an issuer. */
export interface IssuerKey {
  readonly kid: string
  readonly secret: CryptoKey
  readonly open: JWK
  /** A token of this key for `shop`; claims and header as said. */
  sign(claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): Promise<string>
}

export async function issuerKey(issuer: string, kid: string, alg: 'ES256' | 'RS256' = 'ES256'): Promise<IssuerKey> {
  const { privateKey: secret, publicKey } = await generateKeyPair(alg, { extractable: true })
  const sign: IssuerKey['sign'] = (claims = {}, header = {}) =>
    new SignJWT({ iss: issuer, aud: 'shop', sub: 'ada', exp: Math.floor(Date.now() / 1_000) + 3_600, ...claims })
      .setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header })
      .sign(secret)
  return { kid, secret, open: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }, sign }
}

/** Publishes keys over HTTP, and counts how often it is asked. */
export interface KeyServer extends AsyncDisposable {
  readonly url: string
  published: readonly JWK[]
  /** What it answers instead of the keys. */
  instead: { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> } | undefined
  readonly asked: number
  /** Answers wait until it is called. */
  hold(): () => void
  /** Resolves when it has been asked so often. */
  whenAsked(times: number): Promise<void>
  /** Is away until it comes back, at the same address. */
  leave(): Promise<void>
  comeBack(): Promise<void>
}

export async function keyServer(...keys: readonly IssuerKey[]): Promise<KeyServer> {
  let asked = 0
  let held: Promise<void> | undefined
  let waiting: { readonly times: number; readonly tell: () => void }[] = []
  const server = createServer(async (_request, response) => {
    asked++
    waiting = waiting.filter(({ times, tell }) => asked < times || tell() !== undefined)
    await held
    const { status, body, headers } = publisher.instead ?? { status: 200, body: JSON.stringify({ keys: publisher.published }) }
    response.writeHead(status, headers).end(body)
  })
  await listening(server, 0)
  const { port } = server.address() as AddressInfo
  const leave = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  const publisher: KeyServer = {
    url: `http://127.0.0.1:${port}/keys`,
    published: keys.map(({ open }) => open),
    instead: undefined,
    get asked() {
      return asked
    },
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return resolve
    },
    whenAsked: (times) => new Promise((tell) => (asked >= times ? tell() : waiting.push({ times, tell }))),
    leave,
    comeBack: () => listening(server, port),
    [Symbol.asyncDispose]: () => (server.listening ? leave() : Promise.resolve()),
  }
  return publisher
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
}
