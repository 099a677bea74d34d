import { sign } from './payments/signature.ts'
import { staffAccount } from './seed.ts'
import type { Shop } from './shop.ts'

interface Example {
  /** What it shows. */
  readonly says: string
  readonly curl: string
  /** What to expect. */
  readonly gives: string
}

/** What there is to try, as text: requests that work and requests that are refused. */
export async function welcome(shop: Shop, milliseconds: number): Promise<string> {
  const ada = await shop.token({ subject: 'ada', roles: ['customer'] })
  const staff = await shop.token({ subject: 'cleo', roles: ['staff'] })
  const orderOf = (subject: string, sku: string, card: string, idempotencyKey: string) =>
    shop.as({ subject, roles: ['customer'] }).orders.place({ lines: [{ sku, quantity: 1 }], card }, { idempotencyKey })
  const teapot = await orderOf('bo', 'POT-001', 'tok_ok', 'welcome/teapot')
  const unpaid = await orderOf('ada', 'PEN-001', 'tok_later', 'welcome/pen')
  return [
    `The shop is open at ${shop.url}: its services in one process, each with tables of its own (${milliseconds} ms).`,
    `In a browser: ${shop.url} is its window, ${shop.url}/reference shows its operations and sends requests.`,
    `Paste these first; they say who asks.\n\n  SHOP=${shop.url}\n  ADA='Authorization: Bearer ${ada}'\n  CLEO='Authorization: Bearer ${staff}'\n  JSON='Content-Type: application/json'`,
    `Cleo also logs in: ${staffAccount.email}, '${staffAccount.password}'.`,
    section('Right', right(unpaid.orderId)),
    section('Wrong, and told why', wrong(teapot.orderId)),
    'Ctrl-C closes the shop. What was ordered is still there next time.',
  ].join('\n\n')
}

function right(unpaid: string): Example[] {
  return [
    { says: 'What is for sale', curl: '$SHOP/products?limit=3', gives: '200, three products and where the next page begins' },
    {
      says: 'Ada orders tea',
      curl: `$SHOP/orders -H "$ADA" -H "$JSON" -d '${body('TEA-001', 2)}'`,
      gives: '200 and its orderId; stock and payment follow by themselves',
    },
    { says: 'Her orders', curl: '$SHOP/orders -H "$ADA"', gives: '200, confirmed a moment later and shipped in two seconds' },
    { says: 'The shelf', curl: '$SHOP/stock/TEA-001', gives: '200, two fewer' },
    {
      says: 'A clock that is sold out',
      curl: `$SHOP/orders -H "$ADA" -H "$JSON" -d '${body('CLK-001', 1)}'`,
      gives: '200, and the order ends as cancelled: sold out',
    },
    {
      says: 'A card without funds',
      curl: `$SHOP/orders -H "$ADA" -H "$JSON" -d '${body('LMP-001', 1, 'tok_declined')}'`,
      gives: '200, and the lamp goes back on the shelf',
    },
    {
      says: 'The same click twice',
      curl: `$SHOP/orders -H "$ADA" -H 'Idempotency-Key: one-click' -H "$JSON" -d '${body('PEN-001', 1)}'`,
      gives: '200; run it again: the same orderId',
    },
    { says: 'An account of your own', curl: `$SHOP/users ${account('Eve')}`, gives: '200 and its userId; run it again, and the address is taken' },
    { says: 'Logging in', curl: `$SHOP/sessions ${credentials()}`, gives: '200, an access token for 15 minutes and a refresh token' },
    { says: 'Who that is', curl: `$SHOP/me -H "Authorization: Bearer $(${accessToken})"`, gives: '200, the name and the role of a customer' },
    {
      says: 'Ada’s pen waits for its card, tok_later; the provider calls, and signs',
      curl: `$SHOP/payments/webhook -H "$JSON" -d '${answer(unpaid)}'`,
      gives: '204, and her reserved order is confirmed',
    },
    { says: 'What Ada was told', curl: '$SHOP/notifications -H "$ADA"', gives: '200, what became of her orders; mail too, where SMTP_URL names a server' },
    { says: 'What everybody was told, for staff', curl: '$SHOP/notifications/outbox?limit=2 -H "$CLEO"', gives: '200, two letters and their addresses' },
    { says: 'The books, for staff', curl: '$SHOP/ledgers/payments -H "$CLEO"', gives: '200, captured and refunded' },
  ]
}

function wrong(somebodyElses: string): Example[] {
  return [
    { says: 'Nobody in particular', curl: `$SHOP/orders -H "$JSON" -d '${body('TEA-001', 1)}'`, gives: '401 unauthenticated' },
    {
      says: 'Three mistakes at once',
      curl: `$SHOP/orders -H "$ADA" -H "$JSON" -d '${body('tea', 0, 'my card')}'`,
      gives: '400 invalid_input with three issues',
    },
    { says: 'A wrong password', curl: `$SHOP/sessions ${credentials('a sunny afternoon')}`, gives: '401 WrongCredentials' },
    { says: 'Not sold here', curl: `$SHOP/orders -H "$ADA" -H "$JSON" -d '${body('HAT-404', 1)}'`, gives: '422 UnknownProduct' },
    { says: 'Somebody else’s order', curl: `$SHOP/orders/${somebodyElses} -H "$ADA"`, gives: '403 forbidden' },
    { says: 'Cancelling it', curl: `-X POST $SHOP/orders/${somebodyElses}/cancel -H "$ADA"`, gives: '403 NotYours' },
    { says: 'A customer at the books', curl: '$SHOP/ledgers/payments -H "$ADA"', gives: '403 forbidden' },
  ]
}

function body(sku: string, quantity: number, card = 'tok_ok'): string {
  return JSON.stringify({ lines: [{ sku, quantity }], card })
}

const own = { email: 'eve@example.com', password: 'a rainy afternoon' }

function account(name: string): string {
  return `-H "$JSON" -d '${JSON.stringify({ ...own, name })}'`
}

function credentials(password = own.password): string {
  return `-H "$JSON" -d '${JSON.stringify({ ...own, password })}'`
}

/** A log-in of which only the access token is left, without a tool that reads JSON. */
const accessToken = `curl -s "$SHOP/sessions" ${credentials()} | sed 's/.*"accessToken":"\\([^"]*\\).*/\\1/'`

/** What the card provider says of a charge, with its signature. */
function answer(orderId: string): string {
  const said = { orderId, outcome: 'captured', chargeId: 'ch_later', reason: '' } as const
  return JSON.stringify({ ...said, signature: sign(said) })
}

function section(title: string, examples: readonly Example[]): string {
  return `${title}\n\n${examples.map(({ says, curl, gives }) => `  # ${says}: ${gives}\n  curl -sw ' %{http_code}\\n' ${quoted(curl)}`).join('\n\n')}`
}

/** Addresses with a question mark are patterns to some shells. */
function quoted(curl: string): string {
  return curl.replace(/\$SHOP\S*/, (address) => `"${address}"`)
}
