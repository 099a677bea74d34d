import { expect, test } from 'vitest'
import { policy, route } from '../../test/gateway/fixture.ts'
import { routeTable } from './route-table.ts'

const table = routeTable(
  [
    route('rest'),
    route('files', { path: '/files/*' }),
    route('article', { path: '/articles/:id' }),
    route('new', { path: '/articles/new' }),
    route('write', { path: '/articles/:id', methods: ['PUT'] }),
    route('beta', { path: '/articles/:id', headers: { 'x-beta': '1' } }),
    route('print', { path: '/articles/:id', query: { view: 'print' } }),
    route('sub', { hosts: ['*.example.com'] }),
    route('api', { hosts: ['api.example.com'], path: '/v1/*' }),
    route('again', { path: '/files/*' }),
    route('shared', { path: '/shared', methods: ['PUT'] }, [policy('cors', { origins: ['*'] })]),
    route('own', { path: '/own', methods: ['PUT'] }),
  ].map((one) => ({ route: one })),
)

test.each([
  ['GET', 'a', '/', {}, 'rest'],
  ['GET', 'a', '/files', {}, 'files'],
  ['GET', 'a', '/files/x/y', {}, 'files'],
  ['GET', 'a', '/articles/1', {}, 'article'],
  ['GET', 'a', '//articles//1/', {}, 'article'],
  ['GET', 'a', '/articles/new', {}, 'new'],
  ['GET', 'a', '/articles/n%65w', {}, 'new'],
  ['PUT', 'a', '/articles/1', {}, 'write'],
  ['GET', 'a', '/articles/1', { 'x-beta': '1' }, 'beta'],
  ['GET', 'a', '/articles/1?view=print', {}, 'print'],
  ['GET', 'a', '/articles/1/2', {}, 'rest'],
  ['GET', 'API.example.com:8080', '/v1/x', {}, 'api'],
  ['GET', 'api.example.com', '/v2', {}, 'sub'],
  ['GET', 'example.com', '/v1/x', {}, 'rest'],
  ['OPTIONS', 'a', '/shared', { 'access-control-request-method': 'PUT' }, 'shared'],
  ['OPTIONS', 'a', '/shared', { 'access-control-request-method': 'POST' }, 'rest'],
  ['OPTIONS', 'a', '/shared', {}, 'rest'],
  ['OPTIONS', 'a', '/own', { 'access-control-request-method': 'PUT' }, 'rest'],
])('%s %s%s %j takes %s', (method, host, target, headers, to) => {
  const [path = '', query = ''] = target.split('?')
  expect(table.find({ method, path, query, headers: { host, ...headers } })?.route.name).toBe(to)
})
