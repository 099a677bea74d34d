import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/**/*.test.ts', 'examples/**/*.test.ts', 'scripts/**/*.test.ts', 'benchmarks/**/*.test.ts'],
    globalSetup: ['packages/banyan/test/embedded-server.ts'],
    // vitest leaves one processor out, and files wait for processes of their own for much of their time
    maxWorkers: availableParallelism(),
    // limits end what hangs; none is a measure of speed, since other tests have the processors as well
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
  },
})
