import {defineConfig} from 'vitest/config'

export default defineConfig({
  test: {
    // @oclif/test and our own commands write to stdout themselves.
    disableConsoleIntercept: true,
    // No test leaves anything in a module, and no module of ours has state: an environment for each file costs as much as the tests.
    isolate: false,
    maxWorkers: '100%',
    include: ['test/{unit,property,docker,commands}/**/*.test.ts'],
  },
})
