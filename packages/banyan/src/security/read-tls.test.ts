import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authority, hasOpenssl, NO_OPENSSL, type Authority } from '../../test/http/certificates.ts'
import { daysLeft, readTls } from './read-tls.ts'

describe.skipIf(!hasOpenssl)(`the TLS settings of a process${hasOpenssl ? '' : `: skipped, ${NO_OPENSSL}`}`, () => {
  let home: Authority
  beforeAll(() => {
    home = authority('home')
  })
  afterAll(() => home[Symbol.dispose]())

  test('are the files that the environment names, or what is said in code, or none', async () => {
    const unit = home.unit('sales')
    const files = home.files(unit)
    expect(await readTls(undefined, { BANYAN_TLS_CERT: files.cert, BANYAN_TLS_KEY: files.key, BANYAN_TLS_CA: files.ca })).toEqual(unit)
    expect(await readTls({ ca: home.ca }, { BANYAN_TLS_CERT: files.cert })).toEqual({ ca: home.ca })
    expect(await readTls(undefined, { BANYAN_TLS_CERT: '' })).toBeUndefined()
  })

  test('name a file that is not there', async () => {
    const said = readTls(undefined, { BANYAN_TLS_CA: '/nowhere/ca.pem' })
    await expect(said).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringMatching(/^BANYAN_TLS_CA is '\/nowhere\/ca.pem', which cannot be read: ENOENT.*; it is the path of a PEM file$/),
    })
  })

  test('say which key does not fit which certificate', async () => {
    const files = home.files({ ...home.unit('sales'), key: home.unit('stock').key })
    await expect(readTls(undefined, { BANYAN_TLS_CERT: files.cert, BANYAN_TLS_KEY: files.key })).rejects.toThrow(
      `BANYAN_TLS_KEY (${files.key}) is not the key of the certificate of BANYAN_TLS_CERT (${files.cert}) (CN=sales)`,
    )
  })

  test('are refused where they are incomplete or no PEM', async () => {
    const { cert, key } = home.unit('sales')
    await expect(readTls({ cert }, {})).rejects.toThrow('tls.cert is set and tls.key is not')
    await expect(readTls({ key }, {})).rejects.toThrow('tls.key is set and tls.cert is not')
    await expect(readTls({ ca: './ca.pem' }, {})).rejects.toThrow('tls.ca has no certificate in PEM form')
    await expect(readTls({ cert, key: 'x' }, {})).rejects.toThrow('tls.key is no private key that can be read')
    await expect(readTls({ ca: cert.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA') }, {})).rejects.toThrow('tls.ca has a certificate that cannot be read')
  })

  test('a key is never in a message', async () => {
    const { cert, key } = home.unit('sales')
    const broken = key.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA')
    const error = await readTls({ cert, key: broken }, {}).catch((failure: Error) => failure)
    expect((error as Error).message).not.toContain(key.split('\n')[2]!.slice(0, 20))
  })

  test('tell how long the certificate is good', () => {
    expect(daysLeft(home.unit('sales'))).toSatisfy((days: number) => days > 0.9 && days <= 1)
    expect(daysLeft(home.expired('sales'))).toBeLessThan(0)
    expect(daysLeft({ ca: home.ca })).toBeUndefined()
  })
})
