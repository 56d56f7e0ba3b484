// docs/grafana/flatnet.json queries only what the agent provides.

import t from 'tap'
import { PHASES } from '../../../src/paths/escalation/state.ts'
import { type Definition, METRICS } from '../../../src/metrics/definitions.ts'
import { expressionsOf, readDashboard } from '../../fixtures/metrics/dashboard.ts'

const METRIC = /\b(?:flatnet|process)_[a-z_]+\b/g
const dashboard = readDashboard()
const definitions: Readonly<Record<string, Definition>> = METRICS
const baseOf = (name: string): string =>
  Object.hasOwn(METRICS, name) ? name : name.replace(/_(bucket|sum|count)$/, '')

t.test('panels and variables query existing metrics, and every metric is queried', (t) => {
  const questions = [
    ...expressionsOf(dashboard),
    ...dashboard.templating.list.flatMap(({ definition }) => definition ?? []),
  ]
  const used = new Set(questions.flatMap((question) => question.match(METRIC) ?? []).map(baseOf))
  t.same([...used].toSorted(), Object.keys(METRICS).toSorted())
  t.end()
})

t.test('queried labels are labels of their metric', (t) => {
  for (const expression of expressionsOf(dashboard)) {
    for (const [, name = '', selector = ''] of expression.matchAll(
      /\b((?:flatnet|process)_[a-z_]+)\{([^}]*)\}/g,
    )) {
      const labels = definitions[baseOf(name)]?.labels ?? []
      for (const [, label = ''] of selector.matchAll(/([a-z_]+)=/g))
        t.ok(label === 'instance' || labels.includes(label), `${label} of ${name}`)
    }
  }
  t.end()
})

t.test('the timeline shows all four phases', (t) => {
  const timeline = dashboard.panels.find(({ type }) => type === 'state-timeline')
  for (const phase of PHASES) {
    t.match(timeline?.targets?.[0]?.expr, `state="${phase}"`)
    t.ok(JSON.stringify(timeline).includes(`"text":"${phase}"`), `${phase} has a name and a colour`)
  }
  t.end()
})

t.test('it can be imported: one datasource variable, unique IDs, a grid without overlaps', (t) => {
  t.equal(dashboard.templating.list[0]?.type, 'datasource')
  const ids = dashboard.panels.map(({ id }) => id)
  t.equal(new Set(ids).size, ids.length)
  const taken = new Set<string>()
  for (const { title, type, targets, datasource, gridPos } of dashboard.panels) {
    if (type !== 'row') t.equal(datasource?.uid, '${datasource}', title)
    const refs = (targets ?? []).map(({ refId }) => refId)
    t.equal(new Set(refs).size, refs.length)
    t.ok(gridPos.x + gridPos.w <= 24, title)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        const cell = `${String(x)},${String(y)}`
        if (taken.has(cell)) t.fail(`${title} overlaps at ${cell}`)
        taken.add(cell)
      }
    }
  }
  t.end()
})
