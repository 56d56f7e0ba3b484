// Prometheus' own tool checks our metrics: it parses them as a scraper does and lints names and units.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { METRICS, type MetricName } from '../../../src/metrics/definitions.ts'
import { createRegistry, observe, series, set } from '../../../src/metrics/registry.ts'
import { render } from '../../../src/metrics/render.ts'
import { expressionsOf, readDashboard } from '../../fixtures/metrics/dashboard.ts'

const PROMTOOL = join(import.meta.dirname, '../../../.cache/promtool')

function judge(text: string): { status: number | null; said: string } {
  const { status, stdout, stderr, error } = spawnSync(PROMTOOL, ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
    timeout: 600_000,
  })
  if (error !== undefined) throw new Error('promtool is missing: run scripts/setup.sh', { cause: error })
  return { status, said: `${stdout}${stderr}` }
}

t.test('promtool accepts every metric with awkward labels', (t) => {
  const registry = createRegistry()
  for (const name of Object.keys(METRICS) as MetricName[]) {
    const labels = Object.fromEntries(METRICS[name].labels.map((label) => [label, 'a "b"\\\nc, d=\r{}']))
    const one = series(registry, name, labels as never)
    if (METRICS[name].kind === 'histogram') for (const value of [0.0001, 0.02, 9]) observe(one, value)
    else set(one, 1.5)
  }
  const text = render(registry)
  t.equal(text.match(/^# TYPE /gm)?.length, Object.keys(METRICS).length)
  t.same(judge(text), { status: 0, said: '' })
  t.end()
})

t.test('promtool refuses a bad metric', (t) => {
  t.not(judge('# HELP a_total x\n# TYPE a_total gauge\na_total{b="c" 1\n').status, 0)
  t.end()
})

t.test("the dashboard's queries are PromQL", (t) => {
  const rules = expressionsOf(readDashboard()).map((expr, index) => ({
    record: `q${String(index)}`,
    // Grafana substitutes these variables.
    expr: expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(instance|peer)\b/g, '.*'),
  }))
  t.ok(rules.length > 20)
  // JSON is YAML too (YAML 1.2, section 1.3).
  const file = t.testdir({ 'rules.yml': JSON.stringify({ groups: [{ name: 'dashboard', rules }] }) })
  const { status, stdout, stderr } = spawnSync(PROMTOOL, ['check', 'rules', join(file, 'rules.yml')], {
    encoding: 'utf8',
    timeout: 600_000,
  })
  t.equal(status, 0, `${stdout}${stderr}`)
  t.end()
})
