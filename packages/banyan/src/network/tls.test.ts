import { request as secureRequest } from 'node:https'
import { connect as tlsConnect, type SecureVersion } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { authority, hasOpenssl, NO_OPENSSL, type Authority, type UnitTls } from '../../test/http/certificates.ts'
import { checked, serve } from '../../test/http/fixture.ts'
import { envelope, operation, plainServer, tokens, unitAt, wireAt } from '../../test/http/peers.ts'
import { opened } from '../../test/http/stack.ts'
import { silentLog } from '../observe/log.ts'
import { anonymousIdentity } from '../security/identity.ts'
import type { TlsOptions } from '../security/tls.ts'
import type { RemoteUnit } from './http/client.ts'
import type { HttpServer } from './http/server.ts'

const keep = opened()
const secretly = operation('secretly')
const echo = checked((_operation, input) => input)
const token = tokens.issue('payments', anonymousIdentity)

/** A connection to where a unit listens, its request's answer, and the session it was given. */
interface Exchanged {
  readonly status: string
  readonly body: string
  readonly session: Buffer | undefined
}

describe.skipIf(!hasOpenssl)(`TLS between units${hasOpenssl ? '' : `: skipped, ${NO_OPENSSL}`}`, () => {
  let home: Authority
  let abroad: Authority
  let stock: UnitTls
  let sales: UnitTls
  beforeAll(() => {
    home = authority('home')
    abroad = authority('abroad')
    stock = home.unit('stock')
    sales = home.unit('sales')
  })
  afterAll(() => {
    home[Symbol.dispose]()
    abroad[Symbol.dispose]()
  })

  const unit = async (tls: TlsOptions | undefined): Promise<HttpServer> => keep(await serve(echo, { peer: { verify: tokens.verify }, tls }))
  const call = async (remote: RemoteUnit): Promise<unknown> => keep(remote).call(secretly, { n: 7 }, envelope())

  describe.each([
    ['over the wire', wireAt],
    ['over HTTP', unitAt],
  ] as const)('%s', (_name, reach) => {
    test('with certificates of one authority, units call each other', async () => {
      const { url } = await unit(stock)
      expect(url).toMatch(/^https:/)
      expect(await call(reach(url, { tls: sales }))).toEqual({ n: 7 })
    })

    test('without an authority of its own, a unit asks for no certificate', async () => {
      const { url } = await unit({ cert: stock.cert, key: stock.key })
      expect(await call(reach(url, { tls: { ca: home.ca } }))).toEqual({ n: 7 })
    })

    test.each([
      ['no certificate', () => ({ ca: home.ca }), /this unit has none; set BANYAN_TLS_CERT/, 'none'],
      ['one that has expired', () => home.expired('sales'), /that of this unit is not good there \(CERT_HAS_EXPIRED\)/, 'CERT_HAS_EXPIRED'],
      ['one of another authority', () => ({ ...abroad.unit('sales'), ca: home.ca }), /that of this unit is not good there/, expect.any(String)],
    ])('who has %s is not taken for a unit', async (_what, tls, why, certificate) => {
      const { url } = await unit(stock)
      await expect(call(reach(url, { tls: tls() }))).rejects.toMatchObject({
        code: 'unavailable',
        executed: 'no',
        details: { certificate },
        message: expect.stringMatching(why),
      })
    })

    test.each([
      ['is of another authority', () => abroad.unit('stock'), /https:.* cannot be reached: its certificate is signed by nobody that is trusted here \(\w+\)/],
      ['has expired', () => home.expired('stock'), /cannot be reached: its certificate has expired/],
    ])('a unit whose certificate %s is unavailable', async (_what, tls, why) => {
      const { url } = await unit(tls())
      await expect(call(reach(url, { tls: sales, attempts: 1 } as object))).rejects.toMatchObject({
        code: 'unavailable',
        executed: 'no',
        message: expect.stringMatching(why),
      })
    })

    test('a certificate for other names is not good for this one', async () => {
      const { url } = await unit(home.unit('stock', 'DNS:stock.internal'))
      await expect(call(reach(url, { tls: sales, attempts: 1 } as object))).rejects.toThrow(/its certificate is for other names \(.*127\.0\.0\.1/)
    })

    test('http where TLS is spoken, and the other way round, is said', async () => {
      const { port } = await unit(stock)
      const plain = keep(await plainServer((_request, response) => response.end()))
      await expect(call(reach(`http://127.0.0.1:${port}`, { attempts: 1 } as object))).rejects.toThrow(/if it speaks TLS, its address begins with https:/)
      await expect(call(reach(plain.origin.replace('http:', 'https:'), { tls: sales, attempts: 1 } as object))).rejects.toThrow(
        /it does not speak TLS; if it speaks plain HTTP, its address begins with http:/,
      )
    })
  })

  test('the wire itself goes over TLS, and not HTTP in its place', async () => {
    const { url } = await unit(stock)
    const info = vi.fn<() => void>()
    expect(await call(wireAt(url, { tls: sales, log: { ...silentLog, info } }))).toEqual({ n: 7 })
    expect(info).not.toHaveBeenCalled()
  })

  describe('who shows no certificate', () => {
    test('reaches what is for everybody, and nothing else, however the path is written', async () => {
      const { port } = await unit(stock)
      expect(await get(port, 'GET', '/livez')).toMatchObject({ status: 200 })
      expect(await get(port, 'GET', '/ping')).toMatchObject({ status: 204 })
      for (const path of ['/~/orders/secretly', '/%7E/orders/secretly', '/%7e/orders/secretly', '/~/nothing'])
        expect(await get(port, 'POST', path)).toMatchObject({ status: 401, body: expect.stringContaining('came without one') })
    })

    test.each(['TLSv1.2', 'TLSv1.3'] as const)('is not taken for a unit when it resumes a session of %s either', async (version) => {
      const { port } = await unit(stock)
      const first = await exchange(port, version)
      const second = await exchange(port, version, first.session)
      expect(first.session).toBeDefined()
      for (const { status } of [first, second]) expect(status).toContain('401')
    })
  })

  test('less than TLS 1.2 is not spoken', async () => {
    const { port } = await unit(stock)
    await expect(exchange(port, 'TLSv1.1')).rejects.toThrow(/protocol|version/i)
  })

  /** With a good peer token and no certificate. */
  function get(port: number, method: string, path: string): Promise<{ status: number | undefined; body: string }> {
    return new Promise((resolve, reject) => {
      const peer = /^\/(?:~|%7e)/i.test(path)
      const headers = { ...(peer && { authorization: `Bearer ${token}` }), 'content-type': 'application/json' }
      const asking = secureRequest({ port, host: '127.0.0.1', path, method, ca: home.ca, agent: false, headers }, (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (chunk) => (body += String(chunk)))
        response.on('end', () => resolve({ status: response.statusCode, body }))
      })
      asking.on('error', reject).end(method === 'POST' ? '{"n":1}' : undefined)
    })
  }

  function exchange(port: number, version: SecureVersion, session?: Buffer): Promise<Exchanged> {
    return new Promise((resolve, reject) => {
      let given: Buffer | undefined
      let text = ''
      const versions = version === 'TLSv1.1' ? { minVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' } : {}
      const socket = tlsConnect({ port, host: '127.0.0.1', ca: home.ca, maxVersion: version, ...versions, ...(session && { session }) })
      socket.on('session', (data) => (given = data))
      socket.on('secureConnect', () => {
        const body = '{"n":1}'
        const lines = ['POST /~/orders/secretly HTTP/1.1', 'Host: x', `Authorization: Bearer ${token}`, 'Content-Type: application/json', 'Connection: close']
        socket.write(`${lines.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
      })
      socket.on('data', (chunk) => (text += String(chunk)))
      socket.on('error', reject)
      socket.on('close', () => resolve({ status: text.split('\r\n')[0]!, body: text, session: given }))
    })
  }
})
