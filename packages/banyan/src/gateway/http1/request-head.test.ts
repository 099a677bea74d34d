import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { requestHead, type ClientRequest } from './request-head.ts'

const head = (said: Partial<ClientRequest>) => requestHead({ method: 'GET', target: '/', headers: [], body: undefined, timeoutMs: 1_000, ...said }, 'a:80')
const lines = (said: Partial<ClientRequest>) => head(said).text.split('\r\n').slice(1, -2)
const stream = () => Readable.from(['a'])

test('a request is one text, with the host that is asked where none is named', () => {
  expect(head({ target: '/a?b=c', headers: ['X-A', 'b', 'x-a', 'c'] })).toEqual({
    text: 'GET /a?b=c HTTP/1.1\r\nhost: a:80\r\nconnection: keep-alive\r\nX-A: b\r\nx-a: c\r\n\r\n',
    length: undefined,
    persistent: true,
  })
  expect(lines({ headers: ['host', 'b'] })).toEqual(['connection: keep-alive', 'host: b'])
})

test.each<[string, Partial<ClientRequest>, string[], number | undefined]>([
  ['none', { method: 'GET' }, [], undefined],
  ['none where one is expected', { method: 'POST' }, ['content-length: 0'], undefined],
  ['an empty one', { method: 'PUT', body: Buffer.alloc(0) }, ['content-length: 0'], undefined],
  ['bytes', { method: 'POST', body: Buffer.from('ab') }, ['content-length: 2'], undefined],
  ['bytes of a length that is said', { method: 'POST', body: Buffer.from('ab'), headers: ['content-length', '2'] }, ['content-length: 2'], undefined],
  ['a stream of a length that is said', { method: 'POST', body: stream(), headers: ['content-length', '2'] }, ['content-length: 2'], 2],
  ['a stream', { method: 'POST', body: stream() }, ['transfer-encoding: chunked'], undefined],
  ['none, though a length is said', { method: 'GET', headers: ['content-length', '5'] }, [], undefined],
])('the framing of a body: %s', (_what, said, framing, length) => {
  expect(lines(said).slice(2)).toEqual(framing)
  expect(head(said).length).toBe(length)
})

test.each<[string, Partial<ClientRequest>]>([
  ['HEAD, to which some answer with a body', { method: 'HEAD' }],
  ['GET with a body, which some do not read', { body: Buffer.from('a') }],
  ['DELETE with a body', { method: 'DELETE', body: stream() }],
])('the connection ends with %s', (_what, said) => {
  expect(head(said).persistent).toBe(false)
  expect(lines(said)[1]).toBe('connection: close')
})

describe('nothing is written of', () => {
  test.each<[string, Partial<ClientRequest>]>([
    ['a value with a line end', { headers: ['x', 'a\r\nX-Evil: b'] }],
    ['a value with a line feed', { headers: ['x', 'a\nb'] }],
    ['a value with NUL', { headers: ['x', 'a\0'] }],
    ['a value beyond one byte', { headers: ['x', '\u010a'] }],
    ['a name with a line end', { headers: ['x\r\ny', 'a'] }],
    ['a name with a colon', { headers: ['x:', 'a'] }],
    ['an empty name', { headers: ['', 'a'] }],
    ['a method with a blank', { method: 'GET /' }],
    ['a target with a blank', { target: '/a b' }],
    ['a target with a line end', { target: '/a\r\n' }],
    ['a target beyond one byte', { target: '/\u0120' }],
    ['a target of another form', { target: 'http://a/' }],
    ['two hosts', { headers: ['host', 'a', 'Host', 'b'] }],
    ['two lengths', { headers: ['content-length', '1', 'Content-Length', '1'] }],
    ['a length that is none', { headers: ['content-length', '+1'] }],
    ['a transfer coding', { headers: ['Transfer-Encoding', 'chunked'] }],
    ['a field for the connection', { headers: ['connection', 'x-a'] }],
    ['an expectation', { headers: ['expect', '100-continue'] }],
    ['an upgrade', { headers: ['upgrade', 'h2c'] }],
  ])('%s', (_what, said) => {
    expect(() => head(said)).toThrow(expect.objectContaining({ code: 'UNSENDABLE' }))
  })

  test('bytes of another length than is said', () => {
    expect(() => head({ method: 'POST', body: Buffer.from('ab'), headers: ['content-length', '3'] })).toThrow(
      expect.objectContaining({ code: 'BODY_LENGTH', message: 'a body of 2 bytes with Content-Length 3' }),
    )
  })
})
