import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gardenCopy, gardenEnv, spawnBanyan, type Spawned } from '../../../test/cli/garden-project.ts'
import { Fates } from '../../kernel/fates.ts'
import type { DatabaseServer } from '../../store/server.ts'
import { testServer } from '../../testing/database.ts'
import { unitAsker } from '../ask-unit.ts'

let server: DatabaseServer
let env: Record<string, string>
beforeAll(async () => {
  server = await testServer()
  env = gardenEnv(server)
})
afterAll(() => server[Symbol.asyncDispose]())

interface Dev extends Spawned {
  readonly cwd: string
  /** Replaces text in a file of the project. */
  edit(file: string, from: string, to: string): void
}
function dev(...args: string[]): Dev {
  const cwd = gardenCopy()
  const spawned = spawnBanyan(['dev', '--port', '0', ...args], { cwd, env })
  const edit = (file: string, from: string, to: string): void => {
    const text = readFileSync(join(cwd, file), 'utf8')
    expect(text).toContain(from)
    writeFileSync(join(cwd, file), text.replace(from, to))
  }
  return { ...spawned, cwd, edit }
}
const urlOf = (text: string, unit: string): string => new RegExp(`^ {2}${unit} +(http:\\S+)`, 'm').exec(text)![1]!
const entriesAt = async (url: string): Promise<unknown> => (await fetch(`${url}/diary/x`)).json()
const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('dev', () => {
  test('says what runs where, starts again when a file changes, and ends in order', async () => {
    const run = dev()
    const text = await run.wrote(/ready after/)
    expect(text).toMatch(new RegExp(`^ {2}${server.app} {2}topology one`, 'm'))
    expect(text).toMatch(
      /^ {2}url +http:\S+ +beds, diary\n {2}routes +4 +banyan routes\n {2}database +PostgreSQL [\d.]+ +\S.*\n {2}connections +at most 20 +\d+ for each of 2 services\n {2}token +banyan token/m,
    )
    const url = urlOf(text, 'url')
    expect(await entriesAt(url)).toEqual(['nothing about x'])

    run.edit('diary.ts', 'nothing about', 'little about')
    await run.wrote(/diary\.ts changed, restarting\n[^]*ready again after/)
    expect(await entriesAt(url)).toEqual(['little about x'])

    run.process.kill('SIGINT')
    expect(await run.ended).toBe(0)
    expect(run.text()).toMatch(/stopping: what has begun is finished first\n.*draining/)
  })

  test('waits where the code has a mistake, and goes on when it is mended', async () => {
    const run = dev()
    await run.wrote(/ready after/)
    run.edit('diary.ts', 'handlers:', 'handlers;')
    await run.wrote(/SyntaxError[^]*ended with exit code 1; waiting for a change/)
    run.edit('diary.ts', 'handlers;', 'handlers:')
    await run.wrote(/waiting for a change[^]*ready again after/)
    run.edit('banyan.config.ts', 'export default', 'export')
    await run.wrote(/banyan\.config\.ts changed, restarting[^]*error invalid_configuration: [^]*waiting for a change/)
    run.edit('banyan.config.ts', 'export app', 'export default app')
    await run.wrote(/ready again after[^]*ready again after/)
  })

  test('tells the mistakes of the app once, however many units there are', async () => {
    const run = dev('split')
    await run.wrote(/ready after/)
    run.edit('diary.ts', 'uses: { beds }', 'uses: { bedss: beds }')
    const text = await run.wrote(/(?:ended with exit code 1; waiting for a change[^]*){2}/)
    expect(text.match(/error invalid_app: .*\n.*uses the contract 'beds' under the name 'bedss'/gm)).toHaveLength(1)
    expect(text).not.toMatch(/\| error/)
  })

  test('runs several units, starts one again that dies, and leaves none behind', async () => {
    const run = dev('split')
    const text = await run.wrote(/ready after/)
    expect(text).toMatch(/^ {2}front +http:\S+ +beds +process \d+\n {2}back +http:\S+ +diary +process \d+$/m)
    expect(text).toMatch(/^ {2}connections +at most 40 +front: \d+ for beds; back: \d+ for diary$/m)
    // either unit answers for both
    for (const unit of ['front', 'back']) expect(await entriesAt(urlOf(text, unit))).toEqual(['nothing about x'])

    const before = childrenOf(run.process.pid!)
    expect(before).toHaveLength(2)
    process.kill(before[1]!, 'SIGKILL')
    await run.wrote(/back was ended by SIGKILL; starting it again in 0\.25 s\n[^]*back is back/)
    expect(await entriesAt(urlOf(text, 'front'))).toEqual(['nothing about x'])

    const after = childrenOf(run.process.pid!)
    run.process.kill('SIGKILL')
    await run.ended
    await expect.poll(() => after.filter(runs)).toEqual([])
  })

  test('runs as many processes of a unit as it has replicas, and one that dies is not missed', async () => {
    const run = dev('split')
    const front = urlOf(await run.wrote(/ready after/), 'front')
    run.edit('banyan.config.ts', "back: ['diary']", "back: { services: ['diary'], replicas: 2 }")
    await run.wrote(/banyan\.config\.ts changed, restarting\n[^]*ready again after/)
    const before = childrenOf(run.process.pid!)
    expect(before).toHaveLength(3)
    await expect.poll(() => knownTo(front)).toHaveLength(2)
    process.kill(before[1]!, 'SIGKILL')
    for (let i = 0; i < 20; i++) expect(await entriesAt(front)).toEqual(['nothing about x'])
    await run.wrote(/back-1 was ended by SIGKILL; starting it again in 0\.25 s\n[^]*back-1 is back/)
  })

  test('injects the faults of a seed, and does not die at the same call again', async () => {
    const crashes = 0.5
    const dies = (seed: number, life: number) => {
      const fates = new Fates({ seed, crashes, life })
      return [1, 2, 3].map(() => fates.next(fates.begin('diary.entries')).crash !== undefined).join()
    }
    let seed = 0
    while (dies(seed, 1) !== 'false,false,true' || dies(seed, 2) !== 'false,false,false') seed++
    const run = dev('--chaos', `seed=${seed},crashes=${crashes}`)
    const url = urlOf(await run.wrote(/ready after/), 'url')
    expect(run.text()).toMatch(new RegExp(`faults are injected on purpose.*seed.*${seed}`))
    for (let call = 0; call < 2; call++) expect(await entriesAt(url)).toEqual(['nothing about x'])
    await expect(entriesAt(url)).rejects.toThrow(/fetch failed/)
    await run.wrote(new RegExp(`the process dies on purpose, before diary.entries.*chaos with seed ${seed}\\n[^]*it was ended by SIGKILL[^]*is back`))
    for (let call = 0; call < 3; call++) expect(await entriesAt(url)).toEqual(['nothing about x'])
  })

  test('refuses chaos that is none', async () => {
    const run = dev('--chaos', 'errors=5')
    expect(await run.ended).toBe(1)
    expect(run.text()).toMatch(/^error invalid_configuration: chaos: 'errors' is 5, and has to be a share from 0 to 1/)
  })

  test('refuses a number of replicas that is none', async () => {
    const run = dev('split')
    await run.wrote(/ready after/)
    run.edit('banyan.config.ts', "back: ['diary']", "back: { services: ['diary'], replicas: 0.5 }")
    await run.wrote(/error invalid_topology: unit 'back' of topology 'split' has 0\.5 replicas; it is a whole number from 1\n/)
  })

  test('takes its units along when it is told twice', async () => {
    const run = dev()
    const text = await run.wrote(/ready after/)
    void fetch(`${urlOf(text, 'url')}/wait`).catch(() => undefined)
    await run.wrote(/somebody waits/)
    const units = childrenOf(run.process.pid!)
    run.process.kill('SIGINT')
    await run.wrote(/draining/)
    await run.toldAgain()
    expect(await run.ended).toBe(130)
    await expect.poll(() => units.filter(runs)).toEqual([])
  })

  test('ends with a host that is none of this machine', async () => {
    const run = dev('--host', 'nowhere.invalid')
    expect(await run.ended).toBe(2)
    expect(run.text()).toMatch(/^error usage: this machine cannot listen on --host nowhere\.invalid, port 0 \(.*\); 127\.0\.0\.1 is for this machine alone/)
  })

  test('ends with a topology that does not exist', async () => {
    const run = dev('spilt')
    expect(await run.ended).toBe(1)
    expect(run.text()).toContain("error invalid_topology: app '")
    expect(run.text()).toContain("has no topology 'spilt'; its topologies are one, split")
  })
})

/** Instances of the back that the front sends calls to. */
async function knownTo(front: string): Promise<readonly unknown[]> {
  await using ask = unitAsker(server.app, env['BANYAN_SECRET'])
  return (await ask.status(front)).status?.ways['back']?.instances ?? []
}

/** Ids of the processes that a process has started, in order. */
function childrenOf(pid: number): readonly number[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === pid && args.includes('start'))
    .map(([id]) => Number(id))
}
