import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { createLog } from '../../observe/log.ts'
import type { GatewayConfig } from '../config.ts'
import { readGatewayFile } from './read.ts'
import { ReloadedFile } from './reloaded-file.ts'

const directory = mkdtempSync(join(tmpdir(), 'banyan-gateway-'))
afterAll(() => rmSync(directory, { recursive: true }))

const good = (port: number) => `upstreams: { a: http://127.0.0.1:${port} }\nroutes: [{ to: a }]\n`
const wrong = 'upstreams: { a: http://127.0.0.1:1 }\nroutes: [{ to: b }]\n'
const read = { kinds: [], env: {} }

/** A file that is followed, and the ports of what was loaded from it. */
async function following(name: string) {
  const path = join(directory, name)
  writeFileSync(path, good(1))
  const ports: string[] = []
  const lines: string[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  const load = async (config: GatewayConfig) => {
    await setImmediate()
    ports.push(new URL(config.upstreams['a']!.targets[0]!.url).port)
    for (const one of waiting.filter(({ count }) => count <= ports.length)) one.resolve()
  }
  const log = createLog({ destination: { write: (line) => lines.push(line) } })
  const file = ReloadedFile.open({ ...read, path, loaded: await readGatewayFile(path, read), load, log, signal: 'SIGHUP' })
  const loads = (count: number) => new Promise<void>((resolve) => (ports.length >= count ? resolve() : waiting.push({ count, resolve })))
  return { path, file, ports, lines, loads, [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() }
}

test('a file that is written or replaced is read again by itself', async () => {
  await using followed = await following('watched.yaml')
  writeFileSync(followed.path, good(2))
  await followed.loads(1)
  writeFileSync(`${followed.path}.new`, good(3))
  renameSync(`${followed.path}.new`, followed.path)
  await followed.loads(2)
  expect(followed.ports).toEqual(['2', '3'])
})

test('a signal has it read again', async () => {
  const before = process.listenerCount('SIGHUP')
  {
    await using followed = await following('signalled.yaml')
    writeFileSync(followed.path, good(2))
    process.emit('SIGHUP')
    await followed.loads(1)
    expect(followed.ports).toEqual(['2'])
  }
  expect(process.listenerCount('SIGHUP')).toBe(before)
})

test('a wrong file changes nothing, and the log has its lines', async () => {
  await using followed = await following('wrong.yaml')
  writeFileSync(followed.path, wrong)
  expect(await followed.file.reload()).toBe('refused')
  rmSync(followed.path)
  expect(await followed.file.reload()).toBe('refused')
  writeFileSync(followed.path, good(1))
  expect(await followed.file.reload()).toBe('unchanged')
  expect(followed.ports).toEqual([])
  // the watcher may have had it read as well, so a line may be there twice
  const log = followed.lines.join('')
  expect(log).toContain(`${followed.path}:2:16 routes[0].to is 'b'; there is a`)
  expect(log).toContain('cannot be read: ENOENT')
})

test('many who ask at once are answered by few readings, which see what was there when they asked', async () => {
  await using followed = await following('asked.yaml')
  for (let port = 2; port < 20; port++) {
    writeFileSync(followed.path, good(port))
    const asked = Array.from({ length: 10 }, () => followed.file.reload())
    await Promise.all(asked)
    expect(followed.ports.at(-1)).toBe(String(port))
  }
  expect(followed.ports.length).toBeLessThan(40)
})

test('of files that are moved on by a link, only the folders are watched in which they lie', async () => {
  await using followed = await following('linked.yaml')
  const watched = () => process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap').length
  const renew = async (version: number) => {
    mkdirSync(join(directory, `v${version}`))
    writeFileSync(join(directory, `v${version}`, 'api.yaml'), `openapi: 3.1.0\ninfo: { title: a, version: '${version}' }\npaths: {}\n`)
    symlinkSync(`v${version}`, join(directory, 'next'))
    renameSync(join(directory, 'next'), join(directory, 'current'))
    writeFileSync(followed.path, `upstreams: { a: { targets: ['http://127.0.0.1:${version}'], openapi: current/api.yaml } }\nroutes: [{ to: a }]\n`)
    await followed.file.reload()
    expect(followed.ports.at(-1)).toBe(String(version))
  }
  await renew(2)
  const before = watched()
  expect(before).toBeGreaterThan(1)
  for (const version of [3, 4, 5]) await renew(version)
  await expect.poll(watched).toBe(before)
})
