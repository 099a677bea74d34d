import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

/** `npm start` as it runs in the end, with an embedded server of its own. */
function openShop(more: Readonly<Record<string, string>> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'banyan-shop-'))
  chmodSync(directory, 0o755)
  const { DATABASE_URL: _none, ...env } = process.env
  const child = spawn(process.execPath, [join(import.meta.dirname, 'start.ts')], { cwd: directory, env: { ...env, PORT: '0', ...more } })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
    rmSync(directory, { recursive: true })
  })
  return { child, ended, text: () => text, postmaster: join(directory, '.banyan/postgres/postmaster.pid') }
}

test('told to close before it is open, the shop leaves no database server behind', async () => {
  const { child, ended, text, postmaster } = openShop()
  await expect.poll(() => existsSync(postmaster), { interval: 5 }).toBe(true)
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(text()).toBe('\nClosed before it was open.\n')
  expect(existsSync(postmaster)).toBe(false)
})

test('a Ctrl-C that npm passes on once more closes the shop in order', async () => {
  const { child, ended, text, postmaster } = openShop()
  await expect.poll(text).toContain('Ctrl-C closes the shop.')
  child.kill('SIGINT')
  child.kill('SIGINT')
  expect(await ended).toBe(0)
  expect(text()).toMatch(/Closing: what has begun is finished first\.\n$/)
  expect(existsSync(postmaster)).toBe(false)
})

test('a port that is none is named', async () => {
  const { ended, text } = openShop({ PORT: 'http' })
  expect(await ended).toBe(1)
  expect(text()).toBe(
    "The shop stays closed. invalid_configuration: the port is NaN; it is a whole number from 0 to 65535, and 0 takes one that is free\nPORT is 'http'. Another port: PORT=3001 npm start\n",
  )
})
