import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { everything, serving } from '../../test/gateway/fixture.ts'
import { following, gatewayFolder } from '../../test/gateway/tls-files.ts'
import { authority, hasOpenssl, NO_OPENSSL, type Authority } from '../../test/http/certificates.ts'
import { open, raw } from '../../test/http/raw.ts'
import type { Log } from '../model/context.ts'
import { silentLog } from '../observe/log.ts'
import { Authorities, KeyPair } from '../security/key-pair.ts'
import type { Upstream } from './config.ts'
import type { RunningGateway, StartGatewayOptions } from './start-gateway.ts'

describe.skipIf(!hasOpenssl)(`an upstream that speaks TLS${hasOpenssl ? '' : ` (${NO_OPENSSL})`}`, () => {
  const trusted = getCACertificates('default')
  let home: Authority
  beforeAll(() => void (home = authority('home')))
  afterAll(() => home[Symbol.dispose]())
  beforeEach(() => setDefaultCACertificates([...trusted, home.ca]))

  const stack: AsyncDisposable[] = []
  afterEach(async () => {
    setDefaultCACertificates(trusted)
    for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
  })

  /** Says by what name it was asked for, and on how many connections so far. */
  async function secure(addresses?: string): Promise<number> {
    let connections = 0
    const { cert, key } = home.unit('shop', addresses)
    const server = createServer({ cert, key }, (request, response) => {
      response.setHeader('x-host', request.headers.host!)
      response.end(`${connections} ${String((request.socket as { servername?: string | false }).servername)}`)
    })
    server.on('secureConnection', () => void connections++)
    server.on('upgrade', (_request, socket) => void socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nhello'))
    await new Promise<void>((resolve) => server.listen(0, resolve))
    stack.push({
      async [Symbol.asyncDispose]() {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      },
    })
    return (server.address() as AddressInfo).port
  }

  async function gatewayTo(url: string, said: Partial<Upstream> = {}, options: Partial<StartGatewayOptions> = {}): Promise<RunningGateway> {
    const edge = await serving(everything([url], [], { attempts: 1, ...said }), options)
    stack.push(edge)
    return edge
  }

  test.each([
    ['https://localhost', 'localhost'],
    ['https://127.0.0.1', 'false'],
  ])('%s is asked as itself, whatever host clients name, on one connection', async (origin, name) => {
    const { port } = await gatewayTo(`${origin}:${await secure()}`, { host: 'keep' })
    for (const host of ['localhost', 'evil.example', 'shop.example:8080']) {
      const answer = await raw(port, 'GET / HTTP/1.1', `Host: ${host}`, 'Connection: close', '', '')
      expect(answer).toContain(`x-host: ${host}`)
      expect(answer).toContain(`1 ${name}`)
    }
  })

  test('another protocol passes as well', async () => {
    const { port } = await gatewayTo(`https://127.0.0.1:${await secure()}`, { host: 'keep' })
    const { socket, closed } = await open(port)
    socket.write('GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n')
    expect(await closed).toMatch(/^HTTP\/1\.1 101 [^]*hello$/)
  })

  test('it is asked how it is over TLS', async () => {
    const edge = await gatewayTo(`https://localhost:${await secure()}`, { health: { path: '/', intervalMs: 20 } })
    const connections = async () => Number((await (await fetch(edge.url)).text()).split(' ')[0])
    while ((await connections()) < 3); // each check is a connection of its own
    expect(edge.status().upstreams['all']!.targets).toMatchObject([{ healthy: true }])
  })

  test('a certificate for other names is not good for this one, even where a client names those: 503', async () => {
    const { port } = await gatewayTo(`https://127.0.0.1:${await secure('DNS:evil.example')}`, { host: 'keep' })
    expect(await raw(port, 'GET / HTTP/1.1', 'Host: evil.example', 'Connection: close', '', '')).toMatch(/^HTTP\/1\.1 503 /)
  })

  test('one of an authority that is not trusted is not good: 503, and the log says what to do', async () => {
    setDefaultCACertificates(trusted)
    const warn = vi.fn<Log['warn']>()
    const { url } = await gatewayTo(`https://localhost:${await secure()}`, {}, { log: { ...silentLog, warn } })
    expect((await fetch(url)).status).toBe(503)
    const why = expect.stringContaining('or NODE_EXTRA_CA_CERTS, names the authorities that are')
    expect(warn.mock.calls.map(([, about]) => String(about?.['error'] ?? about?.['fault']))).toEqual([why, why])
  })

  describe('with settings of its own', () => {
    beforeEach(() => setDefaultCACertificates(trusted))
    const mine = () => new Authorities(home.ca, 'ca.pem')
    /** A server of OpenSSL's that wants a certificate. */
    async function strict(): Promise<number> {
      const { cert, key, ca } = home.files(home.unit('shop'))
      const server = spawn('openssl', ['s_server', '-accept', '0', '-www', '-Verify', '1', '-verify_return_error', '-cert', cert, '-key', key, '-CAfile', ca])
      stack.push({
        async [Symbol.asyncDispose]() {
          const over = once(server, 'exit')
          server.kill()
          await over
        },
      })
      for await (const line of createInterface(server.stdout)) {
        const port = /^ACCEPT .*:(\d+)$/.exec(line)?.[1]
        if (port !== undefined) return Number(port)
      }
      throw new Error('openssl s_server did not listen')
    }
    const none = { authorities: undefined, pair: undefined, serverName: undefined }

    test('is trusted by the authorities that are named for it, by requests, tunnels and checks', async () => {
      const origin = `https://localhost:${await secure()}`
      const edge = await gatewayTo(origin, { tls: { ...none, authorities: mine() }, health: { path: '/', intervalMs: 20 } })
      const connections = async () => Number((await (await fetch(edge.url)).text()).split(' ')[0])
      while ((await connections()) < 3); // each check is a connection of its own
      expect(edge.status().upstreams['all']!.targets).toMatchObject([{ healthy: true, fault: undefined }])
      const { socket, closed } = await open(edge.port)
      socket.write('GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n')
      expect(await closed).toMatch(/^HTTP\/1\.1 101 [^]*hello$/)
    })

    test('files of its own are followed: an authority that is named later is trusted from then on', async () => {
      using folder = gatewayFolder()
      using abroad = authority('abroad')
      folder.put('ca.pem', abroad.ca)
      const origin = `https://localhost:${await secure()}`
      folder.put('gateway.yaml', `upstreams: { all: { targets: ['${origin}'], tls: { ca: ca.pem } } }\nroutes: [{ to: all }]\n`)
      await using followed = await following(folder)
      expect((await fetch(followed.edge.url)).status).toBe(503)
      folder.put('ca.pem', home.ca)
      await expect.poll(async () => (await fetch(followed.edge.url)).status).toBe(200)
    })

    test('is asked by the name that is said, and its certificate held against that', async () => {
      const origin = `https://127.0.0.1:${await secure('DNS:stock.internal')}`
      const edge = await gatewayTo(origin, { tls: { ...none, authorities: mine(), serverName: 'stock.internal' }, health: { path: '/', intervalMs: 20 } })
      expect(await (await fetch(edge.url)).text()).toMatch(/ stock\.internal$/)
      const { socket, closed } = await open(edge.port)
      socket.write('GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n')
      expect(await closed).toMatch(/^HTTP\/1\.1 101 [^]*hello$/)
      const other = await gatewayTo(origin, { tls: { ...none, authorities: mine(), serverName: 'other.internal' } })
      expect((await fetch(other.url)).status).toBe(503)
      expect(other.status().upstreams['all']!.targets[0]!.fault).toContain('its certificate is for other names')
    })

    test('is shown a certificate; without a good one it answers nothing: 503, and log and status say why', async () => {
      const { cert, key } = home.unit('edge')
      const origin = `https://localhost:${await strict()}`
      const pair = new KeyPair(cert, key, { certificate: 'edge.pem', key: 'edge.key' })
      const edge = await gatewayTo(origin, { tls: { ...none, authorities: mine(), pair } })
      expect(await (await fetch(edge.url)).text()).toMatch(/Subject: CN ?= ?edge/)

      const warn = vi.fn<Log['warn']>()
      const bare = await gatewayTo(origin, { tls: { ...none, authorities: mine() } }, { log: { ...silentLog, warn } })
      expect((await fetch(bare.url)).status).toBe(503)
      const why = /cannot be reached: .* this side needs one that it trusts$/
      expect(bare.status().upstreams['all']!.targets[0]!.fault).toMatch(why)
      expect(warn.mock.calls.map(([, about]) => String(about?.['error'] ?? about?.['fault'])).filter((text) => why.test(text))).toHaveLength(2)
    })

    test('a check that it fails says the same as a request', async () => {
      const origin = `https://localhost:${await secure()}`
      const warn = vi.fn<Log['warn']>()
      const edge = await gatewayTo(origin, { health: { path: '/', intervalMs: 20 } }, { log: { ...silentLog, warn } })
      const why = 'its certificate is signed by nobody that is trusted here'
      await expect.poll(() => edge.status().upstreams['all']!.targets).toMatchObject([{ healthy: false, fault: expect.stringContaining(why) }])
      expect(warn).toHaveBeenCalledExactlyOnceWith('a target of an upstream gives no answer', { upstream: 'all', fault: expect.stringContaining(why) })
      const asked = await fetch(edge.url)
      expect(asked.status).toBe(503)
    })
  })
})
