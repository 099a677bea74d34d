import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { banyan } from '../../../test/cli/memory-io.ts'
import { gatewayFolder, type GatewayFolder } from '../../../test/gateway/tls-files.ts'
import { authority, hasOpenssl, NO_OPENSSL, type Authority, type UnitTls } from '../../../test/http/certificates.ts'

describe.skipIf(!hasOpenssl)(`the files that a gateway file names, checked${hasOpenssl ? '' : ` (${NO_OPENSSL})`}`, () => {
  let home: Authority
  let shop: UnitTls
  let other: UnitTls
  let folder: GatewayFolder
  beforeAll(() => {
    home = authority('home')
    shop = home.unit('shop', 'DNS:shop.example.com,DNS:*.example.org', 90)
    other = home.unit('other', 'DNS:shop.example.com', 90)
  })
  afterAll(() => home[Symbol.dispose]())
  beforeEach(() => {
    folder = gatewayFolder()
    folder.pair('shop', shop)
    folder.pair('other', other)
    folder.put('ca.pem', home.ca)
  })
  afterEach(() => folder[Symbol.dispose]())

  async function checked(text: string, ...flags: readonly string[]): Promise<{ code: number; said: readonly string[] }> {
    folder.put('gateway.yaml', text)
    const { code, out, err } = await banyan(['gateway', 'check', 'gateway.yaml', ...flags], { cwd: folder.directory })
    return { code, said: `${err}${out}`.split('\n').filter((line) => line.includes('yaml:')) }
  }
  const front = (...certificates: readonly string[]) =>
    `routes: [{ host: shop.example.com, policies: [answer] }]\ntls: { certificates: [${certificates.join(', ')}] }\n`

  test('good ones are well', async () => {
    expect(await checked(front('{ certificate: shop.pem, key: shop.key }'))).toEqual({ code: 0, said: [] })
    expect(
      await checked(
        "upstreams: { a: { targets: ['https://a'], tls: { ca: ca.pem, certificate: shop.pem, key: shop.key, serverName: b.example } } }\nroutes: [{ to: a }]\n",
      ),
    ).toEqual({ code: 0, said: [] })
  })

  test.each([
    [
      'one that is not there',
      '{ certificate: none.pem, key: shop.key }',
      /certificate is 'none.pem', which cannot be read: ENOENT.*; it is the path of a PEM file/,
    ],
    ['a key of another', '{ certificate: shop.pem, key: other.key }', /is not good: other.key is not the key of the certificate of shop.pem \(CN=shop\)/],
    ['what is no certificate', '{ certificate: shop.key, key: shop.key }', /is not good: shop.key has no certificate in PEM form/],
  ])('%s is a mistake', async (_what, written, why) => {
    const { code, said } = await checked(front(written))
    expect(code).toBe(1)
    expect(said).toEqual([expect.stringMatching(why)])
    expect(said[0]).toMatch(/^gateway\.yaml:2:\d+ tls\.certificates\[0\]\./)
  })

  test('two for one name are a mistake, until it is said which is shown', async () => {
    const [one, two] = ['{ certificate: shop.pem, key: shop.key }', '{ certificate: other.pem, key: other.key']
    expect((await checked(front(one, `${two} }`))).said).toEqual([
      "gateway.yaml:2:65 tls.certificates[1] is for 'shop.example.com', as tls.certificates[0] on line 2 is; say by names which is for what",
    ])
    expect(await checked(front(one, `${two}, names: [a.example.org] }`))).toEqual({
      code: 0,
      said: [
        `warning: gateway.yaml:2:65 tls.certificates[1] is shown to who asks for 'a.example.org', which its certificate is not for: clients will refuse it`,
      ],
    })
  })

  test('one that has expired is a mistake, one that expires soon a warning', async () => {
    folder.pair('shop', home.expired('shop'))
    expect(await checked(front('{ certificate: shop.pem, key: shop.key, names: [localhost] }'))).toEqual({
      code: 1,
      said: [expect.stringMatching(/^gateway\.yaml:.*certificate is 'shop.pem', which has expired on 20\d\d-\d\d-\d\d: nobody will trust it/)],
    })
    folder.pair('shop', home.unit('shop', 'DNS:shop.example.com', 13))
    expect(await checked(front('{ certificate: shop.pem, key: shop.key }'))).toEqual({
      code: 0,
      said: [expect.stringMatching(/^warning: gateway\.yaml:.*certificate is 'shop.pem', which expires on 20\d\d-\d\d-\d\d; have it renewed$/)],
    })
  })

  test('hosts of routes that none is for are warned of', async () => {
    const routes = 'routes: [{ host: [shop.example.com, a.example.org, a.b.example.org, "*.example.org", "*.example.com"], policies: [answer] }]\n'
    const { code, said } = await checked(`${routes}tls: { certificates: [{ certificate: shop.pem, key: shop.key }] }\n`)
    expect(code).toBe(0)
    expect(said).toEqual(
      ['a.b.example.org', '*.example.com'].map((host) => expect.stringContaining(`routes[0].host has '${host}', which no certificate of tls is for`)),
    )
  })

  test('those of upstreams as well, with what is of no use', async () => {
    const { said } = await checked(`upstreams:
  a: { targets: ['https://a'], tls: { ca: none.pem } }
  b: { targets: ['https://b'], tls: { certificate: shop.pem, key: other.key } }
  c: { targets: ['https://c'], tls: { certificate: shop.pem } }
  d: { targets: ['http://d'], tls: { ca: ca.pem } }
routes: [{ to: a }]
`)
    expect(said).toEqual([
      expect.stringMatching(/^gateway.yaml:2:43 upstreams.a.tls.ca is 'none.pem', which cannot be read/),
      expect.stringMatching(/^gateway.yaml:3:52 upstreams.b.tls.certificate is not good: other.key is not the key/),
      expect.stringMatching(/^gateway.yaml:4:37 upstreams.c.tls lacks key, which certificate is of no use without/),
      expect.stringMatching(/^gateway.yaml:5:36 upstreams.d.tls is of no use: no target's address begins with 'https:/),
    ])
  })

  test('as JSON there is what each is, and no key', async () => {
    folder.put('gateway.yaml', front('{ certificate: shop.pem, key: shop.key }'))
    const { out } = await banyan(['gateway', 'check', 'gateway.yaml', '--json'], { cwd: folder.directory })
    expect(JSON.parse(out)).toMatchObject({
      warnings: [],
      config: {
        tls: {
          certificates: [{ pair: { certificate: 'shop.pem', key: 'shop.key', names: ['shop.example.com', '*.example.org'], expires: expect.any(String) } }],
        },
      },
    })
    expect(out).not.toContain('PRIVATE')
    expect(out).not.toContain(shop.key.split('\n')[1])
  })
})
