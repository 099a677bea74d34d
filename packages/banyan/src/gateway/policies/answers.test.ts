import { describe, expect, test } from 'vitest'
import { BanyanError } from '../../kernel/errors.ts'
import { json, passing, TRACE_ID } from '../../../test/gateway/pass.ts'

describe('envelope', () => {
  test('has data where there is success', async () => {
    const { status, headers, body } = await passing('[envelope]', json({ id: 1 }, { etag: '"a"' }))()
    expect(status).toBe(200)
    expect(JSON.parse(body)).toEqual({ success: true, data: { id: 1 }, meta: { status: 200, traceId: TRACE_ID } })
    expect(headers).toEqual({ 'content-type': 'application/json', 'content-length': String(body.length), etag: 'W/"a"' })
  })

  test('has the error of the upstream', async () => {
    const { body } = await passing('[envelope]', json({ reason: 'sold out' }, {}, 409))()
    expect(JSON.parse(body)).toEqual({ success: false, data: null, error: { reason: 'sold out' }, meta: { status: 409, traceId: TRACE_ID } })
  })

  test('has problems of what stands behind it', async () => {
    const fails = passing('[envelope]', () => {
      throw new BanyanError('unavailable', 'nobody answers at 10.0.0.7')
    })
    const { status, headers, body } = await fails()
    expect({ status, type: headers['content-type'] }).toEqual({ status: 503, type: 'application/json' })
    expect(JSON.parse(body)).toMatchObject({ success: false, data: null, error: { code: 'unavailable', retryable: true }, meta: { status: 503 } })
    expect(body).not.toContain('10.0.0.7')
    const refused = await passing('[envelope, { ip: { deny: [private] } }]')({ client: '10.1.2.3' })
    expect(JSON.parse(refused.body)).toMatchObject({ success: false, error: { code: 'forbidden' } })
  })

  test('makes of a page that says an error an error', async () => {
    const { body } = await passing('[envelope]', () => ({ status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad</h1>' }))()
    expect(JSON.parse(body)).toMatchObject({ success: false, error: { title: 'Bad Gateway', status: 502 } })
  })

  test.each([
    [204, {}, undefined],
    [200, { 'content-type': 'image/png' }, 'png'],
    [200, { 'content-type': 'text/event-stream' }, 'data: 1\n\n'],
  ])('leaves %i %o as it is', async (status, headers, text) => {
    const { body, ...answer } = await passing('[envelope]', () => ({ status, headers, body: text }))()
    expect({ status: answer.status, headers: answer.headers, body }).toEqual({ status, headers, body: text ?? '' })
  })
})

describe('answer', () => {
  test.each([
    ['answer', 204, {}, ''],
    [
      'answer: { body: Down for today, status: 503, headers: { Retry-After: 3600 } }',
      503,
      { 'content-type': 'text/plain; charset=utf-8', 'content-length': '14', 'retry-after': '3600' },
      'Down for today',
    ],
    ['answer: { body: { up: true } }', 200, { 'content-type': 'application/json', 'content-length': '11' }, '{"up":true}'],
  ])('%s', async (policy, status, headers, body) => {
    expect(await passing(`[{ ${policy.includes(':') ? policy : `${policy}: `} }]`)()).toEqual({ status, headers, body, asked: undefined })
  })
})

describe('redirect', () => {
  test.each([
    ['/new/:id', '/old/:id', '/old/7', '', '/new/7'],
    ['https://www.example.com/*', '/*', '/a/b', 'x=1', 'https://www.example.com/a/b?x=1'],
    ['/*', '/go/*', '/go//evil.example/', '', '/evil.example/'],
    ['/*', '/go/*', '/go/%2F%2Fevil.example', '', '/%2F%2Fevil.example'],
  ])('to %s from %s: %s', async (to, route, path, query, location) => {
    const { status, headers, asked } = await passing(`[{ redirect: { to: '${to}' } }]`)({ route, path, query })
    expect({ status, location: headers['location'], asked }).toEqual({ status: 308, location, asked: undefined })
  })
})

describe('ip', () => {
  test.each([
    ['{ allow: [10.0.0.0/8] }', '10.1.2.3', true],
    ['{ allow: [10.0.0.0/8] }', '11.1.2.3', false],
    ['{ allow: [private], deny: [10.0.0.7] }', '10.0.0.7', false],
    ['{ allow: ["2001:db8::/32", loopback] }', '2001:db8::1', true],
    ['{ allow: ["2001:db8::/32", loopback] }', '::1', true],
    ['{ allow: [10.0.0.0/8] }', '::ffff:10.0.0.1', true],
    ['{ deny: [10.0.0.0/8] }', '::ffff:10.0.0.1', false],
    ['{ allow: [10.0.0.0/8] }', '', false],
  ])('%s: %s is let in: %s', async (settings, client, allowed) => {
    const answer = passing(`[{ ip: ${settings} }]`)({ client })
    if (allowed) await expect(answer).resolves.toMatchObject({ status: 200 })
    else await expect(answer).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('a network that is none is a mistake', async () => {
    await expect(passing('[{ ip: { allow: [10.0.0.0/33] } }]')()).rejects.toThrow("does not work: '10.0.0.0/33' is neither an address nor a network")
  })
})
