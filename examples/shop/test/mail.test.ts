import { testInstallation, type TestInstallation } from 'banyan/testing'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startShop, type Shop } from '../shop.ts'
import { Mailbox } from './mailbox.ts'
import { visit, type Visit } from './visit.ts'

let installation: TestInstallation
let shop: Shop
let visitor: Visit
const mailbox = new Mailbox()
let people = 0

beforeAll(async () => {
  await mailbox.up()
  // read when the shop loads its services
  process.env['SMTP_URL'] = mailbox.url
  installation = await testInstallation()
  shop = await startShop(installation.options)
  visitor = visit(shop)
  await mailbox.down()
})
beforeEach(() => mailbox.up())
afterEach(() => mailbox.down())
afterAll(async () => {
  delete process.env['SMTP_URL']
  await shop[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

async function somebody(mailName: string) {
  const email = `${mailName}.${people++}@example.com`
  const { userId } = await shop.call.users.register({ email, name: 'Ada Łoś', password: 'the kettle is on' })
  return { email, userId }
}

/** An order that stays in the house, so that there is one thing to tell. */
async function orderedBy(customerId: string): Promise<string> {
  const line = visitor.line(await visitor.product(1), 1, '10.00')
  return (await visitor.invoice({ customerId, ship: 'held', lines: [line] })).orderId!
}

async function toldTo(userId: string) {
  return (await visitor.staff.notifications.outbox({ limit: 100 })).items.filter(({ customerId }) => customerId === userId)
}

/** Asks again and again; the test's own time limit ends it. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
  }
}

test('a real mail arrives, and says what the outbox says', async () => {
  const { email, userId } = await somebody('ada')
  const orderId = await orderedBy(userId)
  await shop.quiet()
  const [told] = await toldTo(userId)
  expect(told).toMatchObject({ address: email, sentAt: expect.any(String), refusal: null })
  const mails = await mailbox.of(email)
  expect(mails).toMatchObject([
    {
      envelope: [email],
      from: { name: 'The shop', address: 'orders@shop.example' },
      to: [{ name: 'Ada Łoś', address: email }],
      subject: `Your order ${orderId} is confirmed`,
      messageId: `<${told!.notificationId}@shop.example>`,
    },
  ])
  expect(mails[0]!.text).toBe(told!.text)
  expect(mails[0]!.text).toContain('Total: €10.00')
  expect(mails[0]!.headers).toContainEqual(expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }))
})

test('mail waits for a server that is down', async () => {
  const { email, userId } = await somebody('bo')
  await mailbox.down()
  await orderedBy(userId)
  const [waiting] = await until(async () => ((found) => (found.length > 0 ? found : undefined))(await toldTo(userId)))
  expect(waiting).toMatchObject({ sentAt: null, refusal: null })
  await mailbox.up()
  await shop.quiet()
  expect(await mailbox.of(email)).toHaveLength(1)
  expect(await toldTo(userId)).toMatchObject([{ sentAt: expect.any(String) }])
})

test('what is refused for good is written down and not tried again', async () => {
  const { email, userId } = await somebody('nobody')
  await orderedBy(userId)
  await shop.quiet()
  const [told] = await toldTo(userId)
  expect(told).toMatchObject({ sentAt: null, refusal: expect.stringMatching(/^550 .*no such person here/) })
  await shop.call.notifications.deliver({ notificationId: told!.notificationId })
  expect(await mailbox.of(email)).toEqual([])
})

test('what is refused for now is tried again', async () => {
  const { email, userId } = await somebody('busy')
  await orderedBy(userId)
  await shop.quiet()
  expect(await mailbox.of(email)).toHaveLength(1)
  expect(await toldTo(userId)).toMatchObject([{ sentAt: expect.any(String), refusal: null }])
})

test('delivering again delivers nothing again', async () => {
  const { email, userId } = await somebody('cara')
  await orderedBy(userId)
  await shop.quiet()
  const [told] = await toldTo(userId)
  await Promise.all([1, 2].map(() => shop.call.notifications.deliver({ notificationId: told!.notificationId })))
  await shop.call.notifications.deliver({ notificationId: 'unheard of' })
  expect(await mailbox.of(email)).toHaveLength(1)
  expect(await toldTo(userId)).toEqual([told])
})

test('a server that dies with a mail in its hands gets it again, as the same mail', async () => {
  const { email, userId } = await somebody('dora')
  await mailbox.down()
  await mailbox.up('dies')
  await orderedBy(userId)
  await mailbox.gone()
  await mailbox.up()
  await shop.quiet()
  const ids = (await mailbox.of(email)).map(({ messageId }) => messageId)
  expect(ids).toHaveLength(2)
  expect(new Set(ids).size).toBe(1)
  expect(await toldTo(userId)).toMatchObject([{ sentAt: expect.any(String) }])
})

test('a letter that was written before its address was known goes out when it is', async () => {
  const { email, userId } = await somebody('emil')
  await shop.quiet()
  const database = new pg.Client({ connectionString: installation.options.database })
  await database.connect()
  try {
    // as if this service had not heard of the customer yet
    await database.query(`update ${installation.options.name}_notifications.recipient set email = null where customer_id = $1`, [userId])
  } finally {
    await database.end()
  }
  await orderedBy(userId)
  await shop.quiet()
  expect([await toldTo(userId), await mailbox.of(email)]).toMatchObject([[{ address: null, sentAt: null }], []])
  const moved = `moved.${email}`
  await shop.as({ subject: userId }).users.changeMe({ email: moved, name: 'Emil' })
  await shop.quiet()
  expect(await mailbox.of(moved)).toHaveLength(1)
  expect(await toldTo(userId)).toMatchObject([{ address: moved, sentAt: expect.any(String) }])
})
