/** One line of Prometheus's text format. */
export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

/** The samples of a text. (https://prometheus.io/docs/instrumenting/exposition_formats/) @throws for a line that is none */
export const readSamples = (text: string): Sample[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name, labels = '', value] =
        /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (NaN|Nan|[-+]?[\d.]+(?:e[-+]\d+)?)$/.exec(line) ?? []
      if (name === undefined) throw new Error(`Not a sample: ${line}`)
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', each = '']) => [key, each])
      return { name, labels: Object.fromEntries(pairs), value: Number(value) }
    })
