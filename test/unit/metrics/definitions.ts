import t from 'tap'
import { type Definition, METRICS } from '../../../src/metrics/definitions.ts'

// https://prometheus.io/docs/practices/naming/ and promtool's linter, as far as a name alone can show.
for (const [name, definition] of Object.entries(METRICS) as [string, Definition][]) {
  t.test(`${name} follows Prometheus' naming rules`, (t) => {
    t.match(name, /^(flatnet|process)_[a-z][a-z_]*[a-z]$/)
    t.equal(definition.kind === 'counter', name.endsWith('_total'), 'only counters end in _total')
    t.notMatch(name, /_(ms|milliseconds|minutes|percent|kb|mb|count|sum|bucket|gauge|counter|histogram)(_|$)/)
    t.match(definition.help, /^[A-Z].{10,}\.$/, 'the help is a sentence')
    for (const label of definition.labels) t.match(label, /^(?!__|le$|quantile$)[a-z]+$/)
    const buckets = definition.buckets ?? []
    t.equal(definition.kind === 'histogram', buckets.length > 0)
    t.same(
      buckets,
      buckets.toSorted((a, b) => a - b),
    )
    t.end()
  })
}
