import { afterAll, beforeAll, expect, test } from 'vitest'
import { checked, serve } from '../../../test/http/fixture.ts'
import { problemIn, raw } from '../../../test/http/raw.ts'
import { targetOf } from './request-target.ts'
import type { HttpServer } from './server.ts'

let server: HttpServer
beforeAll(async () => {
  server = await serve(checked(() => ({ orderId: 'o1' })))
})
afterAll(() => server[Symbol.asyncDispose]())

const json = ['Content-Type: application/json']

test.each<[string, string[]]>([
  ['two Host headers', ['GET /ping HTTP/1.1', 'Host: a', 'Host: a', '', '']],
  ['two Host headers in different case', ['GET /ping HTTP/1.1', 'host: a', 'HOST: b', '', '']],
  ['an empty Host', ['GET /ping HTTP/1.1', 'Host:', '', '']],
  ['no Host', ['GET /ping HTTP/1.1', '', '']],
  ['a Host with a user', ['GET /ping HTTP/1.1', 'Host: u@a', '', '']],
  ['a Host with a path', ['GET /ping HTTP/1.1', 'Host: a/b', '', '']],
  ['a list of Hosts', ['GET /ping HTTP/1.1', 'Host: a, b', '', '']],
  ['GET *', ['GET * HTTP/1.1', 'Host: a', '', '']],
  ['an absolute target that names another Host', ['GET http://b/ping HTTP/1.1', 'Host: a', '', '']],
  ['an absolute target without a Host', ['GET http://b/ping HTTP/1.0', '', '']],
  ['an empty Transfer-Encoding beside Content-Length', ['POST /poke HTTP/1.1', 'Host: a', ...json, 'Transfer-Encoding:', 'Content-Length: 2', '', '{}']],
  ['an empty Transfer-Encoding', ['POST /poke HTTP/1.1', 'Host: a', ...json, 'Transfer-Encoding:', '', '']],
  ['chunked in HTTP/1.0', ['POST /poke HTTP/1.0', 'Host: a', ...json, 'Transfer-Encoding: chunked', '', '2', '{}', '0', '', '']],
  ['another transfer coding', ['POST /poke HTTP/1.1', 'Host: a', ...json, 'Transfer-Encoding: gzip, chunked', '', '0', '', '']],
  ['both lengths', ['POST /poke HTTP/1.1', 'Host: a', ...json, 'Content-Length: 2', 'Transfer-Encoding: chunked', '', '0', '', '']],
  ['two lengths', ['POST /poke HTTP/1.1', 'Host: a', ...json, 'Content-Length: 2', 'Content-Length: 3', '', '{}']],
  ['a folded header', ['GET /ping HTTP/1.1', 'Host: a', 'X-A: b', ' c', '', '']],
  ['a blank before a colon', ['GET /ping HTTP/1.1', 'Host: a', 'X-A : b', '', '']],
  ['NUL in a header', ['GET /ping HTTP/1.1', 'Host: a', 'X-A: \0', '', '']],
  ['no HTTP', ['HELO you', '', '']],
])('%s: 400, and the connection ends', async (_what, lines) => {
  const answer = await raw(server.port, ...lines)
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(answer.toLowerCase()).toContain('\r\nconnection: close\r\n')
  // one answer only: what follows a doubtful request is never taken for another
  expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
  // without a Host node:http answers by itself, with an empty body
  if (answer.includes('problem+json')) expect(problemIn(answer)).toMatchObject({ code: 'malformed_request', executed: 'no' })
})

test.each<[string, string[]]>([
  ['a Host with a port', ['GET /ping HTTP/1.1', 'Host: a.example:8080']],
  ['an IPv6 Host', ['GET /ping HTTP/1.1', 'Host: [::1]:80']],
  ['an absolute target that names the Host', ['GET http://a.example/ping HTTP/1.1', 'Host: A.example']],
  ['HTTP/1.0 without a Host', ['GET /ping HTTP/1.0']],
])('%s is accepted', async (_what, lines) => {
  expect(await raw(server.port, ...lines, 'Connection: close', '', '')).toMatch(/^HTTP\/1\.1 204 /)
})

test('headers beyond their limit: 431', async () => {
  const answer = await raw(server.port, 'GET /ping HTTP/1.1', 'Host: a', `X-Long: ${'x'.repeat(17_000)}`, '', '')
  expect(answer).toMatch(/^HTTP\/1\.1 431 /)
  expect(problemIn(answer)).toMatchObject({ status: 431, detail: expect.stringContaining('16384 bytes') })
})

test.each([
  ['/a?b', { path: '/a', query: 'b' }],
  ['/a?b?c', { path: '/a', query: 'b?c' }],
  ['http://h/a?b', { path: '/a', query: 'b' }],
  ['http://h', { path: '/', query: '' }],
  ['http://h?b', { path: '/', query: 'b' }],
])('the target %s', (url, target) => {
  expect(targetOf(url)).toEqual(target)
})
