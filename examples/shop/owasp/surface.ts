import { afterAll, beforeAll } from 'vitest'
import { openShop, type OpenShop } from '../test/open.ts'
import { seed, seedStaff } from '../seed.ts'
import { visit, type Visit } from '../test/visit.ts'

/** A route as the shop's own description of its API has it. */
export interface Route {
  readonly method: string
  /** With its parameters in braces: `/orders/{orderId}`. */
  readonly path: string
  /** `anyone`, `role staff`. */
  readonly rule: string
  readonly body: Readonly<Record<string, unknown>> | undefined
}

interface Operation {
  readonly description: string
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Readonly<Record<string, unknown>> }>> }
}

/** Opens the shop for the tests of a file, with its assortment and somebody of the staff. */
export function openSurface(): () => Visit & { readonly shop: OpenShop } {
  let shop: OpenShop
  let found: Visit & { readonly shop: OpenShop }
  beforeAll(async () => {
    shop = await openShop()
    await seed(shop.call)
    await seedStaff(shop.call)
    found = { ...visit(shop), shop }
  })
  afterAll(() => shop[Symbol.asyncDispose]())
  return () => found
}

export async function describedRoutes({ http }: Pick<Visit, 'http'>): Promise<readonly Route[]> {
  const { paths } = (await http('GET', '/openapi.json')).body as { paths: Record<string, Record<string, Operation>> }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { description, requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      rule: /For (.+)\.$/.exec(description)?.[1] ?? description,
      body: requestBody?.content['application/json']?.schema,
    })),
  )
}

/** A path with something in place of its parameters. */
export function filled(path: string, value = 'x'): string {
  return path.replaceAll(/\{\w+\}/g, encodeURIComponent(value))
}

const PASSWORD = 'rain on a tin roof'
let people = 0

/** Somebody who has registered and logged in with a password. */
export async function member({
  http,
}: Pick<Visit, 'http'>): Promise<{ userId: string; email: string; password: string; accessToken: string; refreshToken: string }> {
  const email = `member.${people++}@example.com`
  const { userId } = (await http('POST', '/users', { body: { email, name: 'Member', password: PASSWORD } })).body as { userId: string }
  const tokens = (await http('POST', '/sessions', { body: { email, password: PASSWORD } })).body as { accessToken: string; refreshToken: string }
  return { userId, email, password: PASSWORD, ...tokens }
}
