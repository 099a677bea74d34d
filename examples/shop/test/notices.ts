import { expect, test } from 'vitest'
import { loggedIn } from './logged-in.ts'
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
    const { accessToken: token } = await loggedIn(call, { email, password })
    return { email, userId, token }
  }
  const read = async (token: string, query = '') => (await visit().http('GET', `/notifications${query}`, { token })).body as Page<Notice>
  const outbox = async () => (await visit().staff.notifications.outbox({ limit: 100 })).items

  test('an order that is confirmed is told to its customer, by name and with its total', async () => {
    const { shop, held } = visit()
    const { userId, email, token } = await somebody('Fenja')
    await shop.quiet()
    const { sku, orderId } = await held(userId, 2)
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

  test('each parcel is told, with what is in it and its number', async () => {
    const { shop, staff, held } = visit()
    const { userId, token } = await somebody('Lena')
    const { sku, orderId } = await held(userId, 3)
    const sent = await staff.shipping.dispatch({ orderId, items: [{ sku, quantity: 1 }] })
    await staff.shipping.dispatch({ orderId })
    await shop.quiet()
    const { items } = await read(token)
    const parcels = items.filter(({ subject }) => subject === `A parcel of your order ${orderId} is on its way`)
    expect([items.length, parcels.length]).toEqual([3, 2])
    expect(parcels.find(({ text }) => text.includes(sent.tracking))!.text).toContain(`\n  1 × ${sku}\n`)
  })

  test('a sale to nobody known is told to nobody', async () => {
    const { shop, product, invoice, line } = visit()
    const { orderId } = await invoice({ customerId: null, ship: 'held', lines: [line(await product(1), 1, '10.00')] })
    await shop.quiet()
    expect((await outbox()).filter(({ subject }) => subject.includes(orderId!))).toEqual([])
  })

  test('a customer without an account is told as well, and has no address', async () => {
    const { shop, customer, held } = visit()
    const name = `hanna.${people++}`
    const { orderId } = await held(name, 1)
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
    const { shop, http, held } = visit()
    const [own, other] = [await somebody('Jo'), await somebody('Kim')]
    const placed: string[] = []
    for (const quantity of [1, 2, 3]) {
      placed.unshift((await held(own.userId, quantity)).orderId)
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
