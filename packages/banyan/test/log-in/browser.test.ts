import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { silentLog } from '../../src/observe/log.ts'
import { freePorts } from '../../src/testing/free-ports.ts'
import { testInstallation } from '../../src/testing/installation.ts'
import club from './club.ts'
import { testProvider } from './provider.ts'

const executablePath = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => path !== undefined && existsSync(path),
)

test('in a browser: log in with the identity provider, see who I am, log out', async ({ skip }) => {
  if (executablePath === undefined) skip('no Chromium on this machine: install it, or name it in CHROMIUM_PATH')
  const [port, providerPort] = await freePorts(2)
  const url = `http://127.0.0.1:${port}`
  await using provider = await testProvider(providerPort!, [url])
  process.env['CLUB_ISSUER'] = provider.issuer
  process.env['CLUB_SECRET'] = provider.clientSecret
  await using installation = await testInstallation()
  await using _running = await start(club, { ...installation.options, port: port!, log: silentLog })
  const browser = await chromium.launch({ executablePath: executablePath!, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
  try {
    const page = await browser.newPage()
    await page.goto(`${url}/auth/login?return_to=/me`)
    await page.locator('input[name=login]').fill('ada')
    await page.locator('input[name=password]').fill('x')
    await page.locator('button[type=submit]').click()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(`${url}/me`)
    expect(JSON.parse(await page.locator('body').innerText())).toMatchObject({ subject: 'ada', roles: ['member'] })
    expect(await page.evaluate('document.cookie'), 'scripts do not see the session').toBe('')
    // by hand: the page is an answer of the API, whose policy lets no script ask for anything
    expect((await page.request.post(`${url}/auth/logout`, { headers: { origin: url } })).status()).toBe(200)
    expect((await page.goto(`${url}/me`))!.status()).toBe(401)
  } finally {
    await browser.close()
  }
})
