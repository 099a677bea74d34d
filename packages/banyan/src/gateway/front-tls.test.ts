import { connect } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { backend, echo, type Backend, type Echoed } from '../../test/gateway/fixture.ts'
import { following, gatewayFolder, handshake, shown, type FollowedGateway, type GatewayFolder } from '../../test/gateway/tls-files.ts'
import { authority, hasOpenssl, NO_OPENSSL, type Authority, type UnitTls } from '../../test/http/certificates.ts'
import type { Log } from '../model/context.ts'
import { silentLog } from '../observe/log.ts'
import { gatewayConfig } from './file/read.ts'
import { gateway } from './gateway.ts'
import { policyKinds } from './policy-kinds.ts'
import type { StartGatewayOptions } from './start-gateway.ts'

const RENEWALS = 20
const CLIENTS = 3

describe.skipIf(!hasOpenssl)(`TLS at the front of a gateway${hasOpenssl ? '' : ` (${NO_OPENSSL})`}`, () => {
  let home: Authority
  let behind: Backend
  let shop: UnitTls
  let renewed: UnitTls
  beforeAll(async () => {
    home = authority('home')
    shop = home.unit('shop', 'DNS:shop.example.com,DNS:www.example.com')
    renewed = home.unit('renewed', 'DNS:shop.example.com')
    behind = await backend(echo)
  })
  afterAll(async () => {
    home[Symbol.dispose]()
    await behind[Symbol.asyncDispose]()
  })

  let folder: GatewayFolder
  const stack: AsyncDisposable[] = []
  beforeEach(() => {
    folder = gatewayFolder()
    folder.pair('shop', shop)
  })
  afterEach(async () => {
    for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  async function serving(tls: string, options: Partial<StartGatewayOptions> = {}): Promise<FollowedGateway> {
    folder.put('gateway.yaml', `upstreams: { all: '${behind.url}' }\nroutes: [{ to: all }]\ntls: ${tls}\n`)
    const followed = await following(folder, options)
    stack.push(followed)
    return followed
  }

  const one = '{ certificates: [{ certificate: ./shop.pem, key: ./shop.key }] }'

  test('the certificate for the name that is asked for is shown; for others, the first', async () => {
    folder.pair('any', home.unit('any', 'DNS:*.example.com'))
    folder.pair('api', home.unit('api', 'DNS:other.example.org'))
    const { edge } = await serving(
      '{ certificates: [{ certificate: shop.pem, key: shop.key }, { certificate: any.pem, key: any.key }, { certificate: api.pem, key: api.key, names: [API.example.net] }] }',
    )
    expect(edge.url).toMatch(/^https:/)
    const names = ['www.example.com', 'SHOP.example.com', 'a.example.com', 'api.example.net', 'example.com', 'a.b.example.com', 'other.example.org', undefined]
    const found = await Promise.all(names.map((name) => shown(edge.port, home.ca, name)))
    expect(found).toEqual(['shop', 'shop', 'any', 'api', 'shop', 'shop', 'shop', 'shop'])
  })

  test('a certificate of the process itself is shown for names that are not known', async () => {
    const { edge } = await serving(one, { tls: home.unit('own') })
    expect(await shown(edge.port, home.ca, 'shop.example.com')).toBe('shop')
    expect(await shown(edge.port, home.ca, 'x.example.com')).toBe('own')
    expect(await shown(edge.port, home.ca)).toBe('own')
  })

  test('HTTP/1.1 is agreed on by ALPN, for each of them, and what is older than the minimum is not spoken', async () => {
    const { edge } = await serving(one.replace(' }] }', ' }], minimum: TLSv1.3 }'))
    for (const servername of ['shop.example.com', 'x.example.com']) {
      const socket = await handshake(edge.port, { ca: home.ca, servername, rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] })
      expect([socket.alpnProtocol, socket.getProtocol()]).toEqual(['http/1.1', 'TLSv1.3'])
      socket.destroy()
      await expect(handshake(edge.port, { ca: home.ca, servername, maxVersion: 'TLSv1.2' })).rejects.toThrow(/protocol version/)
    }
  })

  test('an answer that breaks without a length cuts the connection of its client, and ends no process', async () => {
    const breaking = await backend((_request, response) => {
      response.writeHead(200)
      response.write('half', () => response.destroy())
    })
    stack.push(breaking)
    folder.put('gateway.yaml', `upstreams: { all: '${breaking.url}' }\nroutes: [{ to: all }]\ntls: ${one}\n`)
    const followed = await following(folder)
    stack.push(followed)
    const socket = await handshake(followed.edge.port, { ca: home.ca, servername: 'shop.example.com' })
    let text = ''
    const closed = new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve))
    socket.on('data', (part) => (text += String(part))).write('GET / HTTP/1.0\r\n\r\n')
    await closed
    expect(text).toMatch(/half$/)
  })

  test('a renewed certificate is shown from then on, and connections that are open go on', async () => {
    const { edge, file } = await serving(one)
    const socket = await handshake(edge.port, { ca: home.ca, servername: 'shop.example.com' })
    expect(await asked(socket)).toMatch(/^HTTP\/1\.1 200 /)
    folder.pair('shop', renewed)
    await expect.poll(() => shown(edge.port, home.ca, 'shop.example.com')).toBe('renewed')
    expect(await shown(edge.port, home.ca)).toBe('renewed')
    expect(socket.getPeerCertificate().subject.CN).toBe('shop')
    expect(await asked(socket)).toMatch(/^HTTP\/1\.1 200 /)
    socket.destroy()
    expect(await file.reload()).toBe('unchanged')
  })

  test(`${RENEWALS} renewals while clients connect: each handshake gets one that was there, never an error`, async () => {
    const { edge, file } = await serving(one)
    const seen = new Set<string>()
    const over = new AbortController()
    const asking = Array.from({ length: CLIENTS }, async (_, index) => {
      while (!over.signal.aborted) {
        const socket = await handshake(edge.port, { ca: home.ca, servername: 'shop.example.com', ...(index === 0 && { maxVersion: 'TLSv1.2' }) })
        expect(await asked(socket)).toMatch(/^HTTP\/1\.1 200 /)
        seen.add(String(socket.getPeerCertificate().subject.CN))
        socket.destroy()
      }
    })
    for (let i = 0; i < RENEWALS; i++) {
      folder.pair('shop', i % 2 === 0 ? renewed : shop)
      await file.reload()
      expect(await shown(edge.port, home.ca, 'shop.example.com')).toBe(i % 2 === 0 ? 'renewed' : 'shop')
    }
    over.abort()
    await Promise.all(asking)
    expect([...seen].filter((name) => name !== 'shop' && name !== 'renewed')).toEqual([])
  })

  test.each([
    ['is no certificate', () => folder.put('shop.pem', 'nothing'), './shop.pem has no certificate in PEM form'],
    ['has another key', () => folder.put('shop.key', home.unit('x').key), './shop.key is not the key of the certificate of ./shop.pem'],
    ['has expired', () => folder.pair('shop', home.expired('shop')), 'which has expired on'],
    ['is a key that cannot be read', () => folder.put('shop.key', 'x'), './shop.key is no private key that can be read'],
  ])('a renewal that %s is told of, and the certificate before it stays for its names, until there is a good one', async (_what, spoil, why) => {
    folder.pair('api', home.unit('api', 'DNS:api.example.com'))
    const two = '{ certificates: [{ certificate: ./shop.pem, key: ./shop.key }, { certificate: api.pem, key: api.key }] }'
    const { edge, file, log } = await serving(two)
    const status = () => edge.status().certificates?.map(({ certificate, names, fault }) => [certificate, names[0], fault])
    spoil()
    // nothing else waits for it
    folder.pair('api', home.unit('api, renewed', 'DNS:api.example.com'))
    folder.put('gateway.yaml', `upstreams: { all: '${behind.url}' }\nroutes: [{ path: /new, to: all }]\ntls: ${two}\n`)
    await expect.poll(() => file.reload()).toBe('unchanged')
    expect(await shown(edge.port, home.ca, 'shop.example.com')).toBe('shop')
    expect(await shown(edge.port, home.ca, 'api.example.com')).toBe('api, renewed')
    expect(Object.keys(edge.status().routes)).toEqual(['/new'])
    expect(log()).toContain(`${folder.path}:3:`)
    expect(log()).toContain(why)
    expect(log()).toMatch(/The one before it, which expires on 20\d\d-\d\d-\d\d, stays in use/)
    expect(status()).toEqual([
      ['./shop.pem', 'shop.example.com', expect.stringContaining(why)],
      ['api.pem', 'api.example.com', undefined],
    ])
    folder.pair('shop', renewed)
    await file.reload()
    expect(await shown(edge.port, home.ca, 'shop.example.com')).toBe('renewed')
    expect(status()?.[0]).toEqual(['./shop.pem', 'shop.example.com', undefined])
  })

  test('files that were not in use before are no renewal: one that is not good keeps the whole file from being loaded', async () => {
    const { edge, file, log } = await serving(one)
    folder.put('new.pem', 'nothing')
    folder.put('gateway.yaml', `upstreams: { all: '${behind.url}' }\nroutes: [{ to: all }]\ntls: ${one.replace('shop.pem', 'new.pem')}\n`)
    expect(await file.reload()).toBe('refused')
    expect(log()).toContain('./new.pem has no certificate in PEM form')
    expect(await shown(edge.port, home.ca, 'shop.example.com')).toBe('shop')
  })

  test('one that expires while it is served is warned of, and keeps nothing else from being loaded', async () => {
    folder.pair('shop', home.expired('shop'))
    const { file, log } = await serving(one)
    folder.put('gateway.yaml', `upstreams: { all: '${behind.url}' }\nroutes: [{ path: /new, to: all }]\ntls: ${one}\n`)
    await expect.poll(() => file.reload()).toBe('unchanged')
    expect(log()).toContain('which has expired on')
    expect(log()).toContain('was read again and is served')
  })

  test('TLS that is added to a gateway without is refused: it takes a restart', async () => {
    const { file, log } = await (async () => {
      folder.put('gateway.yaml', `upstreams: { all: '${behind.url}' }\nroutes: [{ to: all }]\n`)
      const followed = await following(folder)
      stack.push(followed)
      return followed
    })()
    folder.put('gateway.yaml', `upstreams: { all: '${behind.url}' }\nroutes: [{ to: all }]\ntls: ${one}\n`)
    expect(await file.reload()).toBe('refused')
    expect(log()).toContain('this gateway listens without since its start; restart it')
  })

  describe('in an app', () => {
    const config = (tls: string) => gatewayConfig(`routes: [{ policies: [answer] }]\ntls: ${tls}\n`, { path: folder.path, kinds: policyKinds, env: {} })

    test('they are shown beside that of the unit, which decides whether it listens with TLS at all', async () => {
      const warn = vi.fn<Log['warn']>()
      const log = { ...silentLog, warn }
      await using plain = await gateway(config(one), { unit: true, log })
      expect(plain.certificates).toBeUndefined()
      expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('tls of the gateway file is not used: this unit listens without TLS'))
      await using secure = await gateway(config(one), { unit: true, tls: { ...shop, ca: home.ca }, log })
      expect(secure.certificates?.options).toMatchObject({ cert: shop.cert, ca: home.ca, requestCert: true, rejectUnauthorized: false })
      expect(warn).toHaveBeenCalledOnce()
    })

    test('clients are not asked for certificates by the file: units are, at the same port', async () => {
      folder.put('clients.pem', home.ca)
      const asking = one.replace(' }] }', ' }], clients: { ca: clients.pem } }')
      await expect(gateway(config(asking), { unit: true, tls: shop, log: silentLog })).rejects.toThrow(
        'in an app BANYAN_TLS_CA says whose certificates are asked for',
      )
    })
  })

  describe('clients that show a certificate', () => {
    const asking = (required: boolean) => `{ certificates: [{ certificate: shop.pem, key: shop.key }], clients: { ca: clients.pem, required: ${required} } }`
    let abroad: Authority
    beforeAll(() => void (abroad = authority('abroad')))
    afterAll(() => abroad[Symbol.dispose]())
    beforeEach(() => folder.put('clients.pem', home.ca))

    test.each(['shop.example.com', 'x.example.com'])('are told of to the upstream, and nobody says it in their place: %s', async (servername) => {
      const { edge } = await serving(asking(false))
      const forged = ['X-Client-Cert-Subject: CN=admin', 'Client-Cert: :AA==:', 'X_Client_Cert_Subject: CN=admin']
      const { cert, key } = home.unit('partner, the first')
      const known = await handshake(edge.port, { ca: home.ca, servername, cert, key, rejectUnauthorized: false })
      const { headers } = echoed(await asked(known, ...forged))
      expect(headers['x-client-cert-subject']).toBe('CN=partner%5C,%20the%20first')
      expect(headers['client-cert']).toBeUndefined()
      const unknown = await handshake(edge.port, { ca: home.ca, servername, rejectUnauthorized: false })
      expect(Object.keys(echoed(await asked(unknown, ...forged)).headers).filter((name) => /cert/.test(name))).toEqual([])
      known.destroy()
      unknown.destroy()
    })

    test.each([
      ['none', true, () => ({})],
      ['one of another authority', true, () => abroad.unit('partner')],
      ['one of another authority, though none is needed', false, () => abroad.unit('partner')],
      ['one that has expired', false, () => home.expired('partner')],
    ])('are turned away with %s', async (_what, required, tls) => {
      const { edge } = await serving(asking(required))
      const { cert, key } = tls() as { cert?: string; key?: string }
      const answer = await new Promise<string>((resolve) => {
        let text = ''
        const socket = connect({ port: edge.port, host: '127.0.0.1', ca: home.ca, servername: 'shop.example.com', ...(cert && { cert, key }) })
        socket.on('data', (chunk) => (text += String(chunk)))
        socket.on('error', () => undefined).on('close', () => resolve(text))
        socket.write('GET / HTTP/1.1\r\nHost: shop.example.com\r\nConnection: close\r\n\r\n')
      })
      expect(answer).toBe('')
    })
  })
})

/** One request on a connection, and its answer. */
function asked(
  socket: {
    write(text: string): unknown
    on(event: 'data', heard: (chunk: Buffer) => void): unknown
    off(event: 'data', heard: (chunk: Buffer) => void): unknown
  },
  ...fields: readonly string[]
): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const heard = (chunk: Buffer) => {
      text += String(chunk)
      if (!/\r\n\r\n[^]*\}$/.test(text) && !text.endsWith('\r\n0\r\n\r\n')) return
      socket.off('data', heard)
      resolve(text)
    }
    socket.on('data', heard)
    socket.write(`${['GET / HTTP/1.1', 'Host: shop.example.com', ...fields].join('\r\n')}\r\n\r\n`)
  })
}

function echoed(answer: string): Echoed {
  return JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1)) as Echoed
}
