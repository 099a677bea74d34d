import { expect, test } from 'vitest'
import type { Visit } from './visit.ts'

interface Notice {
  readonly notificationId: string
  readonly subject: string
  readonly text: string
  readonly sentAt: string | null
}
interface Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}
let people = 0

/** What customers are told, where there is no mail server. */
export function notices(visit: () => Visit): void {
  const somebody = async (name: string) => {
    const { call } = visit().shop
    const [email, password] = [`${name.toLowerCase()}.${people++}@notices.example`, 'the kettle is on']
    const { userId } = await call.users.register({ email, name, password })
    const { accessToken: token } = await call.users.logIn({ email, password })
    return { email, userId, token }
  }
  const read = async (token: string, query = '') => (await visit().http('GET', `/notifications${query}`, { token })).body as Page<Notice>
  const outbox = async () => (await visit().staff.notifications.outbox({ limit: 100 })).items

  test('an order that is confirmed is told to its customer, by name and with its total', async () => {
    const { shop, product, order } = visit()
    const { userId, email, token } = await somebody('Fenja')
    await shop.quiet()
    const sku = await product(2)
    const orderId = await order(userId, sku, 2)
    await shop.quiet()
    const { items } = await read(token)
    expect(items).toEqual([
      {
        notificationId: expect.any(String),
        subject: `Your order ${orderId} is confirmed`,
        text: expect.stringMatching(new RegExp(`^Dear Fenja,\n[^]*  2 × ${sku}\n[^]*Total: €20.00\n`)),
        writtenAt: expect.any(String),
        sentAt: null,
      },
    ])
    const kept = (await outbox()).find(({ notificationId }) => notificationId === items[0]!.notificationId)
    expect(kept).toMatchObject({ customerId: userId, address: email, sentAt: null, refusal: null })
  })

  test('an order that comes to nothing is told with its reason', async () => {
    const { shop, product, order } = visit()
    const { userId, token } = await somebody('Gil')
    await order(userId, await product(0), 1)
    await order(userId, await product(1), 1, 'tok_declined')
    await shop.quiet()
    const texts = (await read(token)).items.map(({ text }) => text)
    expect(texts).toHaveLength(2)
    expect(texts.find((text) => text.includes('your card was declined'))).toBeDefined()
    expect(texts.find((text) => text.includes('we no longer have enough'))).toBeDefined()
  })

  test('a customer without an account is told as well, and has no address', async () => {
    const { shop, customer, product, order } = visit()
    const name = `hanna.${people++}`
    const orderId = await order(name, await product(1), 1)
    await shop.quiet()
    const { items } = await customer(name).notifications.mine({})
    expect(items).toMatchObject([{ subject: `Your order ${orderId} is confirmed`, text: expect.stringMatching(/^Hello,\n/) }])
    expect((await outbox()).find(({ customerId }) => customerId === name)).toMatchObject({ address: null, sentAt: null })
  })

  test('the outbox knows the address of today', async () => {
    const { shop, http, product, order } = visit()
    const { userId, token } = await somebody('Ivo')
    await order(userId, await product(1), 1)
    const email = `ivo.${people++}@moved.example`
    expect((await http('PUT', '/me', { token, body: { email, name: 'Ivo' } })).status).toBe(204)
    await shop.quiet()
    expect((await outbox()).find(({ customerId }) => customerId === userId)).toMatchObject({ address: email })
  })

  test('everybody reads their own, newest first and page by page; the staff reads all', async () => {
    const { shop, http, product, order } = visit()
    const [own, other] = [await somebody('Jo'), await somebody('Kim')]
    const placed: string[] = []
    for (const sku of [await product(1), await product(1), await product(1)]) {
      placed.unshift(await order(own.userId, sku, 1))
      await shop.quiet()
    }
    const first = await read(own.token, '?limit=2')
    const second = await read(own.token, `?limit=2&after=${first.next}`)
    expect([...first.items, ...second.items].map(({ subject }) => subject)).toEqual(placed.map((orderId) => `Your order ${orderId} is confirmed`))
    expect(second.next).toBeNull()
    expect((await read(other.token)).items).toEqual([])
    expect(await http('GET', '/notifications')).toMatchObject({ status: 401 })
    expect(await http('GET', '/notifications/outbox', { token: own.token })).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect(await http('GET', '/notifications/outbox', { as: 'cleo', roles: ['staff'] })).toMatchObject({ status: 200 })
  })
}
