import { readdirSync } from 'node:fs'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { serve } from '../../../test/http/fixture.ts'
import { echoing, send } from '../../../test/http/requests.ts'
import { opened } from '../../../test/http/stack.ts'

const keep = opened()

test('the reference is a page of its own, with all that it needs', async () => {
  const server = keep(await serve(echoing().invoke, { reference: true }))
  const page = await request(`${server.url}/reference`)
  const text = await page.body.text()
  expect(page).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/html; charset=utf-8' } })
  expect(page.headers['content-security-policy']).toContain("connect-src 'self'")
  expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
  for (const file of readdirSync(new URL('./reference/', import.meta.url))) {
    const answer = await request(`${server.url}/reference/${file}`)
    await answer.body.dump()
    expect([file, answer.statusCode]).toEqual([file, 200])
  }
  expect(await send(server, 'GET', '/reference/nothing.js')).toMatchObject({ status: 404, json: { code: 'not_found' } })
})

test('it is not there unless it is asked for', async () => {
  const server = keep(await serve(echoing().invoke))
  expect((await send(server, 'GET', '/reference')).status).toBe(404)
})
