import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { seed } from '../seed.ts'
import { authenticator } from './authenticator.ts'
import { chromiumPath, launch, NO_CHROMIUM, visitPage } from './browser.ts'
import { openShop, type OpenShop } from './open.ts'
import { visit } from './visit.ts'

let shop: OpenShop
let browser: Browser

describe('the shop in a browser', () => {
  beforeAll(async () => {
    if (chromiumPath === undefined) return
    shop = await openShop()
    await seed(shop.call)
    await registered('ada')
    await shop.quiet()
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    await shop?.[Symbol.asyncDispose]()
  })
  beforeEach(({ skip }) => {
    if (chromiumPath === undefined) skip(NO_CHROMIUM)
  })

  test('from the shelf to a confirmed order, which changes while one looks', async () => {
    await using tab = await visitPage(browser, shop.url)
    const { page } = tab
    await page.getByRole('button', { name: 'Add Smoked pine tea to the basket' }).click()
    await page.getByRole('button', { name: 'Add Smoked pine tea to the basket' }).click()
    await page.getByRole('link', { name: /^Basket/ }).click()
    await page.getByText('€25.00').first().waitFor()
    await page.getByRole('button', { name: 'Log in and order' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Create an account' }).click()
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Ida')
    await dialog.getByRole('textbox', { name: 'E-mail address' }).fill('ida@example.com')
    await dialog.getByLabel('Password').fill(password)
    await dialog.getByRole('button', { name: 'Create an account' }).click()
    await page.locator('[data-status=confirmed], [data-status=shipped]').waitFor()
    await page.getByText('2 at €12.50').waitFor()
    await page.getByRole('link', { name: 'My orders' }).click()
    await page.locator('[data-order]').first().waitFor()
    expect(await page.locator('[data-order]').count()).toBe(1)
    expect(await page.locator('#basket-count').isHidden()).toBe(true)
    expect(tab.faults).toEqual([])
  })

  test('searching, and what is sold out cannot be ordered', async () => {
    await using tab = await visitPage(browser, shop.url)
    const { page } = tab
    await page.getByRole('button', { name: 'Patient clock is sold out' }).waitFor()
    expect(await page.getByRole('button', { name: 'Patient clock is sold out' }).isDisabled()).toBe(true)
    await page.getByRole('searchbox', { name: 'Search' }).fill('tea')
    await page.waitForURL(/q=tea/)
    await page.getByRole('heading', { name: 'Patient clock' }).waitFor({ state: 'detached' })
    await page.getByRole('heading', { name: 'Smoked pine tea' }).waitFor()
    await page.getByRole('searchbox', { name: 'Search' }).fill('nothing of the kind')
    await page.getByText('Nothing here is called').waitFor()
    expect(tab.faults).toEqual([])
  })

  test('an order is told what becomes of it elsewhere', async () => {
    const { product, order, customer } = visit(shop)
    const bo = await registered('bo')
    const orderId = await order(bo, await product(3), 2, 'tok_later')
    await using tab = await visitPage(browser, shop.url)
    const { page } = tab
    await logIn(page, 'bo')
    await page.goto(`${shop.url}/#/orders/${orderId}`)
    await page.locator('[data-status=reserved]').waitFor()
    await customer(bo).orders.cancel({ orderId })
    await page.locator('[data-status=cancelled]').waitFor()
    await page.getByText('You cancelled it.').waitFor()
    expect(tab.faults).toEqual([])
  })

  test('a customer cancels', async () => {
    const { product, order } = visit(shop)
    const orderId = await order(await registered('dora'), await product(3), 1, 'tok_later')
    await using tab = await visitPage(browser, `${shop.url}/#/orders/${orderId}`)
    const { page } = tab
    await page.getByText('Please log in first.').waitFor()
    await logIn(page, 'dora')
    await page.getByRole('button', { name: 'Cancel this order' }).click()
    await page.locator('[data-status=cancelled]').waitFor()
    expect(tab.faults).toEqual([])
  })

  test('a refusal is said in words', async () => {
    const basket = { lines: [{ sku: 'HAT-404', name: 'Hat', price: { amount: 100, currency: 'EUR' }, quantity: 1 }] }
    await using tab = await visitPage(browser, shop.url)
    const { page } = tab
    await logIn(page, 'ada')
    await page.evaluate((text) => localStorage.setItem('basket', text), JSON.stringify(basket))
    await page.goto(`${shop.url}/#/basket`)
    await page.reload()
    await page.getByRole('button', { name: 'Place the order' }).click()
    await page.getByText('We do not sell HAT-404 any more.').waitFor()
    await page.getByRole('button', { name: 'Remove Hat' }).click()
    await page.getByText('It is empty.').waitFor()
    await page.goto(`${shop.url}/#/orders/none`)
    await page.getByText('There is no such thing here.').waitFor()
    expect(tab.faults).toEqual([])
  })

  test('an empty card is told so', async () => {
    await using tab = await visitPage(browser, shop.url)
    const { page } = tab
    await registered('emil')
    await logIn(page, 'emil')
    await page.getByRole('button', { name: 'Add Odd socks, pair to the basket' }).click()
    await page.getByRole('link', { name: /^Basket/ }).click()
    await page.getByLabel('Empty card').check()
    await page.getByRole('button', { name: 'Place the order' }).click()
    await page.getByText('The card was declined.').waitFor()
    expect(tab.faults).toEqual([])
  })

  test('who mistypes is told, and who is logged out stays so', async () => {
    await using tab = await visitPage(browser, shop.url)
    const { page } = tab
    await page.getByRole('button', { name: 'Log in' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'E-mail address' }).fill('ada@example.com')
    await dialog.getByLabel('Password').fill('wrong')
    await dialog.getByRole('button', { name: 'Log in' }).click()
    await page.getByText('Address and password do not belong together.').waitFor()
    await enter(page, 'ada')
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.reload()
    await page.getByRole('button', { name: 'Log in' }).waitFor()
    expect(tab.faults).toEqual([])
  })

  test('who has a second factor is asked for it', async () => {
    const own = shop.as({ subject: await registered('greta'), roles: ['customer'] })
    const app = authenticator((await own.users.enrolSecondFactor({ password })).uri)
    await own.users.confirmSecondFactor({ code: app.code() })
    await using tab = await visitPage(browser, shop.url)
    const { page } = tab
    await page.getByRole('button', { name: 'Log in' }).first().click()
    await enter(page, 'greta')
    const code = page.getByRole('dialog').getByLabel('Code of your authenticator app')
    await code.fill(app.wrong())
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('That is not the code').waitFor()
    await code.fill(app.code())
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByRole('button', { name: 'Log out' }).waitFor()
    expect(tab.faults).toEqual([])
  })

  test('a token that ends is renewed, once, by whichever tab is first', async () => {
    await using tab = await visitPage(browser, `${shop.url}/#/orders`)
    const { page } = tab
    await logIn(page, 'ada')
    const end = `{
      const account = JSON.parse(localStorage.getItem('account'))
      localStorage.setItem('account', JSON.stringify({ ...account, expires: 0 }))
    }`
    await page.evaluate(end)
    const other = await page.context().newPage()
    const [reloaded] = await Promise.all([page.reload(), other.goto(`${shop.url}/#/orders`)])
    expect(reloaded?.status()).toBe(200)
    for (const one of [page, other]) {
      await one.locator('main .orders, main .empty').waitFor()
      await one.getByRole('button', { name: 'Log out' }).waitFor()
    }
    expect(await page.evaluate(`JSON.parse(localStorage.getItem('account')).expires > 0`)).toBe(true)
    expect(tab.faults).toEqual([])
  })

  test('orders come page by page', async () => {
    const { product, order } = visit(shop)
    const [frieda, sku] = [await registered('frieda'), await product(30)]
    for (let placed = 0; placed < 12; placed++) await order(frieda, sku, 1)
    await shop.quiet()
    await using tab = await visitPage(browser, shop.url)
    const { page } = tab
    await logIn(page, 'frieda')
    await page.getByRole('link', { name: 'My orders' }).click()
    await page.locator('[data-order]').nth(9).waitFor()
    expect(await page.locator('[data-order]').count()).toBe(10)
    await page.getByRole('button', { name: 'Show older ones' }).click()
    await page.locator('[data-order]').nth(11).waitFor()
    expect(await page.getByRole('button', { name: 'Show older ones' }).isHidden()).toBe(true)
    expect(tab.faults).toEqual([])
  })

  test.each(['#/', '#/basket', '#/orders'])('%s fits a narrow phone, and every field has a name', async (hash) => {
    await using tab = await visitPage(browser, shop.url)
    const { page } = tab
    await logIn(page, 'ada')
    await page.getByRole('button', { name: 'Add Wool blanket, river stripe to the basket' }).click()
    await page.goto(`${shop.url}/${hash}`)
    await page.locator('main li, main .empty').first().waitFor()
    expect(await narrowness(page)).toEqual({ overflow: 0, nameless: [] })
    expect(tab.faults).toEqual([])
  })

  test('the reference sends a request on behalf of somebody, and says what was wrong with it', async () => {
    await using tab = await visitPage(browser, `${shop.url}/reference#orders.place`, { width: 1280, height: 800 })
    const { page } = tab
    const operation = page.locator('[id="orders.place"]')
    await operation.getByRole('button', { name: 'Send' }).click()
    await operation.getByText('Unauthenticated (unauthenticated)').waitFor()
    await page.getByRole('textbox', { name: 'Who asks' }).fill('ada')
    await page.getByRole('textbox', { name: 'Roles' }).fill('customer')
    await page.getByRole('button', { name: 'Get a token' }).click()
    await page.getByText(/ada \(customer\), until/).waitFor()
    // the body it proposes fits the contract; the shop has no such product
    await operation.getByRole('button', { name: 'Send' }).click()
    await operation.getByRole('heading', { name: 'UnknownProduct' }).waitFor()
    await operation.getByRole('textbox', { name: 'Body' }).fill(JSON.stringify({ lines: [{ sku: 'PEN-001', quantity: 1 }], card: 'tok_ok' }))
    await operation.getByRole('button', { name: 'Send' }).click()
    await operation.getByText('"orderId"').waitFor()
    const answered = await operation.locator('.result .json').textContent()
    // under the same Idempotency-Key it is the same order
    await operation.getByRole('button', { name: 'Send' }).click()
    await operation.getByText('"orderId"').waitFor()
    expect(await operation.locator('.result .json').textContent()).toBe(answered)
    expect(tab.faults).toEqual([])
  })

  test('the reference watches a query', async () => {
    const { product, staff } = visit(shop)
    const sku = await product(7)
    await using tab = await visitPage(browser, `${shop.url}/reference#inventory.level`)
    const operation = tab.page.locator('[id="inventory.level"]')
    await operation.getByRole('textbox', { name: 'sku' }).fill(sku)
    await operation.getByRole('button', { name: 'Watch' }).click()
    await operation.getByText('"available": 7').waitFor()
    await staff.inventory.receive({ sku, quantity: 5, delivery: 'the second' })
    await operation.getByText('"available": 12').waitFor()
    expect(await narrowness(tab.page)).toEqual({ overflow: 0, nameless: [] })
    expect(tab.faults).toEqual([])
  })
})

const password = 'correct horse battery staple'

/** Somebody with an account: who they are to the shop's services. */
async function registered(name: string): Promise<string> {
  return (await shop.call.users.register({ email: `${name}@example.com`, name, password })).userId
}

async function logIn(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Log in' }).first().click()
  await enter(page, name)
  await page.getByRole('button', { name: 'Log out' }).waitFor()
}

async function enter(page: Page, name: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'E-mail address' }).fill(`${name}@example.com`)
  await dialog.getByLabel('Password').fill(password)
  await dialog.getByRole('button', { name: 'Log in' }).click()
}

/** How far the page is wider than the screen, and fields that who cannot see them could not tell. */
function narrowness(page: Page): Promise<{ overflow: number; nameless: string[] }> {
  return page.evaluate(`({
    overflow: Math.max(0, document.documentElement.scrollWidth - innerWidth),
    nameless: [...document.querySelectorAll('input, select, textarea, button')]
      .filter((field) => !field.labels?.length && !field.ariaLabel && field.textContent.trim() === '')
      .map((field) => field.outerHTML),
  })`)
}
