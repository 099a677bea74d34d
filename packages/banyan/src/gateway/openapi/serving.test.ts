import { afterEach, expect, test } from 'vitest'
import { backend, route, serving, upstream } from '../../../test/gateway/fixture.ts'
import type { GatewayConfig } from '../config.ts'

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

const document = {
  openapi: '3.1.0',
  info: { title: 'Users', version: '1' },
  paths: { '/users': { get: { operationId: 'list', responses: { 200: { description: 'All' } } } } },
}

async function edge(
  make: (url: string) => GatewayConfig,
): Promise<{ ask(path?: string): Promise<Record<string, unknown>>; load(config: GatewayConfig): Promise<void>; url: string }> {
  const there = await backend((_request, response) => response.setHeader('content-type', 'application/json').end('{"from":"behind"}'))
  stack.push(there)
  const running = await serving(make(there.url))
  stack.push(running)
  const ask = async (path = '/openapi.json') => (await (await fetch(running.url + path)).json()) as Record<string, unknown>
  return { ask, load: (config) => running.load(config), url: there.url }
}

test('a gateway by itself says what it serves, and follows its file', async () => {
  const { ask, load, url } = await edge((url) => ({ upstreams: { users: upstream('users', [url]) }, routes: [route('users', { path: '/users' })] }))
  expect(await ask()).toMatchObject({ openapi: '3.1.0', info: { title: 'gateway' }, paths: { '/users': { get: { 'x-route': 'users' } } } })
  await load({ upstreams: { users: upstream('users', [url]) }, routes: [route('users', { path: '/people' })] })
  expect(Object.keys((await ask())['paths'] as object)).toEqual(['/people'])
})

test('a route that takes the path goes before it: a gateway hides no description of what it stands before', async () => {
  const { ask } = await edge((url) => ({ upstreams: { users: upstream('users', [url]) }, routes: [route('users')] }))
  expect(await ask()).toEqual({ from: 'behind' })
})

test('where an upstream has a document, one for anything does not; a route for the very path does', async () => {
  const described = (url: string) => ({ users: upstream('users', [url], { openapi: { path: 'users.yaml', document } }) })
  const { ask, load, url } = await edge((there) => ({ upstreams: described(there), routes: [route('users')] }))
  expect(await ask()).toMatchObject({ paths: { '/users': { get: { operationId: 'users.list' } } } })
  expect(await ask('/users')).toEqual({ from: 'behind' })
  await load({ upstreams: described(url), routes: [route('users', { path: '/openapi.json' })] })
  expect(await ask()).toEqual({ from: 'behind' })
})
