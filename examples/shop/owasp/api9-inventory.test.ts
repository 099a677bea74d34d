import { operationsOf } from './contracts.ts'
import { expect, test } from 'vitest'
import { describedRoutes, openSurface } from './surface.ts'

// OWASP API9:2023, Improper Inventory Management
const surface = openSurface()

test('the description of the API has every route of the contracts, and no other', async () => {
  const described = (await describedRoutes(surface())).map(({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`)
  expect([...described].sort()).toEqual(
    operationsOf()
      .flatMap(({ http }) => http ?? [])
      .sort(),
  )
})

test('every route says who may, and none forgot to', async () => {
  const rules = (await describedRoutes(surface())).map(({ rule }) => rule)
  expect(rules.filter((rule) => rule.startsWith('nobody'))).toEqual([])
})

test('what is open to anyone is a list that changes on purpose', async () => {
  const open = (await describedRoutes(surface())).filter(({ rule }) => rule === 'anyone').map(({ method, path }) => `${method} ${path}`)
  expect(open.sort()).toMatchInlineSnapshot(`
    [
      "GET /.well-known/jwks.json",
      "GET /products",
      "GET /products/{sku}",
      "GET /products/{sku}/prices",
      "GET /stock/{sku}",
      "GET /tracking/{tracking}",
      "POST /payments/webhook",
      "POST /sessions",
      "POST /sessions/end",
      "POST /sessions/refresh",
      "POST /sessions/second-factor",
      "POST /users",
    ]
  `)
})

test('operations without a route are not reached over HTTP', async () => {
  const { http } = surface()
  for (const { service, name } of operationsOf().filter(({ http: route }) => route === undefined)) {
    for (const path of [`/${service}/${name}`, `/${name}`])
      expect([path, (await http('POST', path, { as: 'cleo', roles: ['staff'], body: {} })).status]).toEqual([
        path,
        expect.toSatisfy((status: number) => status === 404 || status === 405),
      ])
  }
})
