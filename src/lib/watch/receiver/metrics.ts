/** A figure for Prometheus. */
export type Sample = {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly values: readonly {readonly labels?: Readonly<Record<string, string>>; readonly value: number}[]
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export const prometheus = (samples: readonly Sample[]): string =>
  samples
    .flatMap(({name, help, type, values}) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...values.map(({labels = {}, value}) => `${name}${labelText(labels)} ${value}`),
    ])
    .map((line) => `${line}\n`)
    .join('')

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replaceAll(/[\\"\n]/g, (one) => (one === '\n' ? '\\n' : `\\${one}`))}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
