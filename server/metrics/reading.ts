import type { Histogram } from '../lib/histogram.ts'

type Labels = Record<string, string | number>

interface Value {
  value: number
  labels: Labels
  /** Set for the parts of a histogram, whose names differ from the reading's. */
  metricName?: string
}

/**
 * The current state of one metric, in the plain form that prom-client's `getMetricsAsJSON` returns and its
 * `AggregatorRegistry.aggregate` accepts: the readings of several processes can be sent to one of them and combined there by
 * their `aggregator`.
 */
export interface Reading {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  aggregator: 'sum' | 'min' | 'max'
  values: Value[]
}

/** A single value, or one value per set of labels. */
type Values = number | { value: number; labels: Labels }[]

const valuesOf = (values: Values): Value[] => (typeof values === 'number' ? [{ value: values, labels: {} }] : values)

/** A value that only grows. */
export const counter = (name: string, help: string, values: Values): Reading => ({
  name,
  help,
  type: 'counter',
  aggregator: 'sum',
  values: valuesOf(values),
})

/** A value that goes up and down. */
export const gauge = (
  name: string,
  help: string,
  values: Values,
  aggregator: Reading['aggregator'] = 'sum',
): Reading => ({ name, help, type: 'gauge', aggregator, values: valuesOf(values) })

/** A histogram per set of labels. */
export const histogram = (name: string, help: string, series: { labels: Labels; histogram: Histogram }[]): Reading => ({
  name,
  help,
  type: 'histogram',
  aggregator: 'sum',
  values: series.flatMap((each) => partsOf(name, each.labels, each.histogram)),
})

/** Buckets are cumulative. (https://prometheus.io/docs/instrumenting/exposition_formats/#histograms-and-summaries) */
function partsOf(name: string, labels: Labels, { bounds, counts, sum }: Histogram): Value[] {
  let count = 0
  const buckets = counts.map((each, index): Value => {
    count += each
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[index] ?? '+Inf' }, value: count }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ]
}
