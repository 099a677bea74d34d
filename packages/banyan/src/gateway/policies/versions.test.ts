import { describe, expect, test } from 'vitest'
import { passing } from '../../../test/gateway/pass.ts'

const both = "[{ versions: { default: '2', versions: { '1': { deprecated: 2026-12-01, sunset: 2027-06-01, link: https://example.com/v1 }, '2': } } }]"

describe('a version', () => {
  test.each([
    [{ path: '/v1/orders' }, '1', '/orders', ''],
    [{ path: '/v1' }, '1', '/', ''],
    [{ path: '/orders', headers: { 'api-version': '1' } }, '1', '/orders', ''],
    [{ path: '/orders', query: 'a=1&version=1' }, '1', '/orders', 'a=1'],
    [{ path: '/orders' }, '2', '/orders', ''],
    [{ path: '/v2/orders', headers: { 'api-version': '1' } }, '2', '/orders', ''],
  ])('of %o is %s', async (sent, version, path, query) => {
    const { asked, headers } = await passing(both)(sent)
    expect({ path: asked!.path, query: asked!.query, version: asked!.headers['api-version'] }).toEqual({ path, query, version })
    expect(headers).toMatchObject({ 'api-version': version, vary: 'api-version' })
  })

  test('that is old says so', async () => {
    expect((await passing(both)({ path: '/v1/orders' })).headers).toEqual({
      'api-version': '1',
      deprecation: '@1796083200',
      sunset: 'Tue, 01 Jun 2027 00:00:00 GMT',
      link: '<https://example.com/v1>; rel="deprecation sunset"; type="text/html"',
      vary: 'api-version',
    })
    expect((await passing(both)()).headers).toEqual({ 'api-version': '2', vary: 'api-version' })
  })

  test('that there is not is refused, and so is none where there is no default', async () => {
    await expect(passing(both)({ path: '/v9/orders' })).rejects.toThrow("there is no version '9'; there are 1, 2")
    await expect(passing("[{ versions: { versions: { '1': }, by: [header] } }]")()).rejects.toThrow(
      'the request says no version, by header; the versions are 1',
    )
  })

  test.each([
    ["default: '3', versions: { '1': }", "the default is '3'; the versions are 1"],
    ["versions: { '1': { sunset: 2026-02-31 } }", "'2026-02-31' is no day there is"],
    ["versions: { '1': { deprecated: 2027-01-02, sunset: 2027-01-01 } }", 'before deprecated'],
    ["versions: { '1': { sunset: tomorrow } }", 'expected is a day'],
  ])('%s is a mistake', async (settings, message) => {
    await expect(passing(`[{ versions: { ${settings} } }]`)()).rejects.toThrow(message)
  })
})

test('a default may be written as the number that it looks like', async () => {
  const { asked } = await passing('[{ versions: { default: 2, versions: { 1: , 2: } } }]')({ path: '/orders' })
  expect(asked!.headers['api-version']).toBe('2')
  await expect(passing('[{ versions: { default: 3, versions: { 1: , 2: } } }]')()).rejects.toThrow("the default is '3'; the versions are 1, 2")
})
