import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/**/*.test.ts', 'examples/**/*.test.ts', 'scripts/**/*.test.ts', 'benchmarks/**/*.test.ts'],
    globalSetup: ['packages/banyan/test/embedded-server.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
