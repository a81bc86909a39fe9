import {defineConfig} from 'vitest/config'

export default defineConfig({
  test: {
    // @oclif/test and our own commands write to stdout themselves.
    disableConsoleIntercept: true,
    include: ['test/{unit,property,engine,commands}/**/*.test.ts'],
  },
})
