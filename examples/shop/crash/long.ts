import { join } from 'node:path'
import { startVitest } from 'vitest/node'
import { readArguments } from './arguments.ts'

// vitest has arguments of its own, so these reach the test through the environment
const { seconds, seed, topology } = readArguments(process.argv.slice(2))
Object.assign(process.env, {
  LONG: '1',
  ...(seconds === undefined ? {} : { CRASH_SECONDS: String(seconds) }),
  ...(seed === undefined ? {} : { CRASH_SEED: String(seed) }),
  ...(topology === undefined ? {} : { CRASH_TOPOLOGY: topology }),
})
const root = join(import.meta.dirname, '..')
// where the whole check runs, each round is counted
const counted = process.env['REPORT'] === undefined ? [] : [join(root, '../../scripts/ci/reporter.ts')]
await startVitest('test', ['crash/crash.long.test.ts'], { root, watch: false, reporters: ['verbose', ...counted] })
