import { start } from 'banyan'
import { testInstallation } from 'banyan/testing'
import { afterAll, expect, test } from 'vitest'
import config from '../banyan.config.ts'
import { shows } from '../shows/contract.ts'

// a real PostgreSQL, with schemas of its own that go afterwards
const installation = await testInstallation()
const running = await start(config, installation.options)
afterAll(async () => {
  await running[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

const staff = running.as({ subject: 'the staff', roles: ['staff'] }).shows
const ada = running.as({ subject: 'ada', roles: ['guest'] }).shows

test('what is booked is missing in the list', async () => {
  await staff.announce({ showId: 'hamlet', title: 'Hamlet', seats: 5 })
  await ada.book({ showId: 'hamlet', seats: 3 })
  // until everything that has happened is projected
  await running.quiet()
  expect(await ada.list({})).toEqual([{ showId: 'hamlet', title: 'Hamlet', left: 2 }])
})

test('two guests who want the last seats at the same time do not both get them', async () => {
  await staff.announce({ showId: 'othello', title: 'Othello', seats: 1 })
  const answers = await Promise.all([1, 2, 3].map(() => ada.book.result({ showId: 'othello', seats: 1 })))
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
  expect(answers.filter((answer) => !answer.ok && shows.book.errors.SoldOut.is(answer.error))).toHaveLength(2)
})

test('over HTTP, only guests book', async () => {
  const book = async (roles: readonly string[]) => {
    const headers = { authorization: `Bearer ${await running.token({ subject: 'cleo', roles })}`, 'content-type': 'application/json' }
    return fetch(`${running.url}/shows/tempest/bookings`, { method: 'POST', headers, body: JSON.stringify({ seats: 1 }) })
  }
  expect((await book([])).status).toBe(403)
  const missing = await book(['guest'])
  expect([missing.status, await missing.json()]).toMatchObject([404, { code: 'NotFound', details: { showId: 'tempest' } }])
})
