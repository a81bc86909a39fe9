import {defineConfig} from 'vitest/config'

/** Real engine, one file after the other: they share two cores with the containers that they start. */
export default defineConfig({
  test: {
    include: ['test/scenarios/**/*.test.ts'],
    globalSetup: ['test/scenarios/support/global-setup.ts'],
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 120_000,
  },
})
