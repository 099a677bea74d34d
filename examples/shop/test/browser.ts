import { existsSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'

/** Where Chromium is on this machine; `undefined`: nowhere. */
export const chromiumPath: string | undefined = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => path !== undefined && existsSync(path))

export const NO_CHROMIUM = 'no Chromium on this machine: install it, or name it in CHROMIUM_PATH'

/** A tab of its own, with what went wrong in it. */
export interface Tab extends AsyncDisposable {
  readonly page: Page
  /** Scripts that failed, and what the page's own policy refused. */
  readonly faults: readonly string[]
}

/** A Chromium of its own, with a profile of its own. */
export function launch(): Promise<Browser> {
  const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-gpu']
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath: chromiumPath!, args: [...quiet, ...root] })
}

/** Opens an address as somebody new, on a phone unless said. */
export async function visitPage(browser: Browser, url: string, viewport = { width: 360, height: 740 }): Promise<Tab> {
  const context = await browser.newContext({ viewport })
  const page = await context.newPage()
  page.setDefaultTimeout(25_000)
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    // a refused request is told there too, and is meant
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text())
  })
  await page.goto(url)
  return { page, faults, [Symbol.asyncDispose]: () => context.close() }
}
