import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { DatabaseServer } from '../../src/store/server.ts'
import { testServer } from '../../src/testing/database.ts'
import { garden, gardenEnv, spawnBanyan, type Spawned } from '../cli/garden-project.ts'
import { banyan } from '../cli/memory-io.ts'

/** What `banyan services --json` says of a service. */
interface Listed {
  readonly instances: readonly { readonly id: string; readonly url: string; readonly status?: { readonly state: string; readonly ways: Record<string, Way> } }[]
}
interface Way {
  readonly instances: readonly { readonly instance: string; readonly calls: number; readonly failures: number }[]
}

const patient = { timeout: 60_000, interval: 100 }
let server: DatabaseServer
let env: Record<string, string>

beforeAll(async () => {
  server = await testServer()
  env = gardenEnv(server)
  process.env['GARDEN'] = server.app
  const { code, err } = await banyan(['migrate', '--topology', 'split'], { cwd: garden, env })
  if (code !== 0) throw new Error(err)
})
afterAll(() => server[Symbol.asyncDispose]())

interface Unit extends Spawned {
  readonly url: string
}
async function ready(unit: Spawned): Promise<Unit> {
  const text = await unit.wrote(/"message":"announced"[^]*"message":"listening"/)
  return { ...unit, url: /"url":"([^"]+)"/.exec(text)![1]! }
}
const begin = (unit: string) => spawnBanyan(['start', '--topology', 'split', '--unit', unit, '--port', '0'], { cwd: garden, env })

async function listed(service: string): Promise<Listed> {
  const { out, err } = await banyan(['services', service, '--topology', 'split', '--json'], { cwd: garden, env })
  expect(err).toBe('')
  return (JSON.parse(out) as Listed[])[0]!
}
/** What the front says of its way to each instance of the back. */
async function wayToBack(): Promise<Way['instances']> {
  const { instances } = await listed('beds')
  return instances[0]!.status!.ways['back']!.instances
}

/** Asks again and again until it is disposed of; every answer has to be a good one. */
function askingAt(url: string) {
  const stop = new AbortController()
  let answers = 0
  const failures: string[] = []
  const asking = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (!stop.signal.aborted) {
        const answer = await fetch(`${url}/diary/x`)
        if (answer.status === 200) answers++
        else failures.push(`${answer.status}: ${await answer.text()}`)
        await answer.arrayBuffer().catch(() => undefined)
      }
    }),
  )
  return {
    failures,
    /** Resolves when some more requests have been answered. */
    more: async () => {
      const before = answers
      await vi.waitFor(() => expect(answers).toBeGreaterThan(before + 40), patient)
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await asking
    },
  }
}

test('processes that were told no address find each other in any order; who is killed is called no more, who is replaced is not missed', async () => {
  // the callee last
  const front = await ready(begin('front'))
  const [first, second] = [await ready(begin('back')), await ready(begin('back'))]
  await using asking = askingAt(front.url)
  await vi.waitFor(async () => expect((await wayToBack()).filter(({ calls }) => calls > 0)).toHaveLength(2), patient)

  // nobody takes back what a killed process has announced
  first.process.kill('SIGKILL')
  await first.ended
  const authority = new URL(first.url).host
  await vi.waitFor(async () => expect((await wayToBack()).map(({ instance }) => instance)).toEqual([expect.not.stringContaining(authority)]), patient)
  expect((await listed('diary')).instances.map(({ url, status }) => [url, status?.state])).toEqual([[second.url, 'ready']])
  expect(asking.failures).toEqual([])

  // one after the other is replaced under load
  const third = await ready(begin('back'))
  for (const old of [second, third]) {
    await asking.more()
    old.process.kill('SIGTERM')
    expect(await old.ended).toBe(0)
    await ready(begin('back'))
  }
  await asking.more()
  expect(asking.failures).toEqual([])
})
