import {availableParallelism, totalmem} from 'node:os'
import {defineConfig} from 'vitest/config'
import {LongestFirst} from './test/support/scenario/longest-first.js'

const GIB = 2 ** 30

/**
 * Files run side by side: each has a lab with a prefix, a network, ports and folders of its own, and most of its time is
 * waiting, for a health check or for Docker. A file a core keeps the cores busy: measured one after the other, they are busy for
 * half of the time. More of them wait for each other. A file takes up to half a GiB.
 */
const WORKERS = Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / GIB)))

export default defineConfig({
  test: {
    include: ['test/scenarios/**/*.test.ts'],
    globalSetup: ['test/support/scenario/global-setup.ts'],
    setupFiles: ['test/support/scenario/record-time.ts'],
    sequence: {sequencer: LongestFirst},
    maxWorkers: Number(process.env.HOMELAB_TEST_WORKERS ?? WORKERS),
    testTimeout: 180_000,
    hookTimeout: 240_000,
  },
})
