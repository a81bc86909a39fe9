import type {StackReport} from '../apply/carry-out-all.js'
import {errorText} from './error-text.js'
import {palette, type Terminal} from './palette.js'
import {planText} from './plan-text.js'
import {resultText} from './result-text.js'

/** Writes the end of a changing command: the plan of a dry run, or what became of each stack. */
export function showReports(reports: readonly StackReport[], dryRun: boolean, verbose: boolean, terminal: Terminal): void {
  const colours = palette(terminal)
  for (const {stack, result, error} of reports) {
    const lines = error ? errorText(error, verbose, colours) : []
    if (result !== undefined)
      lines.push(...(dryRun ? result.plans.flatMap((plan) => planText(plan, colours)) : resultText(result, colours, verbose)))
    const prefix = error && reports.length > 1 ? `${colours.bold(stack)}: ` : ''
    lines.forEach((line, index) => terminal.write(index === 0 ? prefix + line : line))
  }
}
