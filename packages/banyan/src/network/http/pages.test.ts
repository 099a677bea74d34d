import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serve } from '../../../test/http/fixture.ts'
import { raw } from '../../../test/http/raw.ts'
import { echoing } from '../../../test/http/requests.ts'
import { opened } from '../../../test/http/stack.ts'
import { PageFiles } from './page-files.ts'
import type { HttpServer } from './server.ts'

const keep = opened()
let folder: string
let directory: string
let server: HttpServer

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'banyan-pages-'))
  directory = join(folder, 'front')
  mkdirSync(join(directory, 'pictures'), { recursive: true })
  mkdirSync(join(directory, 'orders'))
  writeFileSync(join(folder, 'secret.txt'), 'not for anybody')
  file('index.html', '<h1>Hello</h1>')
  file('ping', 'never shown')
  file('poke', 'a file beside a command')
  file('orders/list.html', 'a file below an operation')
  server = keep(await serve(echoing().invoke, { pages: { directory } }))
})
afterEach(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): void {
  writeFileSync(join(directory, name), text)
}

async function get(path: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' | 'POST' = 'GET') {
  const answer = await request(server.url + path, { method, headers })
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
}

test('/ is index.html, which browsers ask for again and never guess at', async () => {
  const answer = await get('/')
  expect(answer).toMatchObject({
    status: 200,
    text: '<h1>Hello</h1>',
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-length': '14',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'; script-src 'self'; style-src 'self'"),
      etag: expect.stringMatching(/^"[\w-]{22}"$/),
    },
  })
  expect(await get('/index.html')).toMatchObject({ text: answer.text, headers: { etag: answer.headers['etag'] } })
})

test.each([
  ['a.css', 'text/css; charset=utf-8'],
  ['a.js', 'text/javascript; charset=utf-8'],
  ['a.json', 'application/json'],
  ['a.svg', 'image/svg+xml'],
  ['a.PNG', 'image/png'],
  ['a.ico', 'image/x-icon'],
  ['a.woff2', 'font/woff2'],
  ['a.txt', 'text/plain; charset=utf-8'],
  ['a.exe', 'application/octet-stream'],
  ['a', 'application/octet-stream'],
])('%s is %s', async (name, type) => {
  file(name, 'x')
  expect(await get(`/${name}`)).toMatchObject({ status: 200, headers: { 'content-type': type } })
})

test('what a browser has is not sent again until it has changed', async () => {
  const { headers } = await get('/')
  const etag = String(headers['etag'])
  for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const answer = await get('/', { 'if-none-match': condition })
    expect(answer).toMatchObject({ status: 304, text: '', headers: { etag, 'cache-control': 'no-cache' } })
    expect(answer.headers).not.toHaveProperty('content-length')
  }
  file('index.html', '<h1>Later</h1>')
  expect(await get('/', { 'if-none-match': etag })).toMatchObject({ status: 200, text: '<h1>Later</h1>' })
})

test('HEAD is GET without the body; other methods find no file', async () => {
  expect(await get('/', {}, 'HEAD')).toMatchObject({ status: 200, text: '', headers: { 'content-length': '14' } })
  expect(await get('/', {}, 'POST')).toMatchObject({ status: 404 })
})

test('operations go before files, and files before 405', async () => {
  expect(await get('/ping')).toMatchObject({ status: 204 })
  expect(await get('/orders/list.html')).toMatchObject({ status: 200, text: JSON.stringify({ orderId: 'list.html' }) })
  expect(await get('/poke')).toMatchObject({ status: 200, text: 'a file beside a command' })
  expect(await get('/orders')).toMatchObject({ status: 405 })
})

test('what is no file is not found', async () => {
  for (const path of ['/missing.html', '/pictures', '/pictures/', '/index.html/more', `/${'long'.repeat(200)}`])
    expect([path, (await get(path)).status]).toEqual([path, 404])
})

test('links stay inside', async () => {
  symlinkSync(join(folder, 'secret.txt'), join(directory, 'out.txt'))
  symlinkSync(folder, join(directory, 'up'))
  symlinkSync(join(directory, 'index.html'), join(directory, 'home.html'))
  expect((await get('/out.txt')).status).toBe(404)
  expect((await get('/up/secret.txt')).status).toBe(404)
  expect(await get('/home.html')).toMatchObject({ status: 200, text: '<h1>Hello</h1>' })
})

test.each(['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/pictures/../../secret.txt', '/..\\secret.txt', '/..%5csecret.txt', '/x%00.html'])(
  '%s leads nowhere',
  async (path) => {
    const answer = await raw(server.port, `GET ${path} HTTP/1.1`, 'Host: a', 'Connection: close', '', '')
    expect(answer).toMatch(/^HTTP\/1\.1 40[04] /)
    expect(answer).not.toContain('not for anybody')
  },
)

test('an app may have another policy for its pages', async () => {
  const open = keep(await serve(echoing().invoke, { pages: { directory, contentSecurityPolicy: "default-src 'self'" } }))
  const answer = await request(open.url)
  await answer.body.dump()
  expect(answer.headers['content-security-policy']).toBe("default-src 'self'")
})

test('memory keeps what fits, and what has not changed is not read again', async () => {
  file('a.txt', 'aaaa')
  file('b.txt', 'bbbb')
  file('large.txt', 'large text')
  const files = new PageFiles(directory, 8)
  const find = (name: string) => files.find([name])
  const first = await find('a.txt')
  expect(await find('a.txt')).toBe(first)
  await find('b.txt')
  await find('large.txt')
  expect(await find('a.txt')).toBe(first)
  file('c.txt', 'cc')
  await find('c.txt')
  expect(await find('a.txt')).not.toBe(first)
})
