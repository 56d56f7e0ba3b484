// docs/agent.md and its Japanese twin list every setting, reason and metric, with the values of the code.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { AGENT_DEFAULTS, agentSettingsJson } from '../../../src/config/agent-settings.ts'
import { isObject } from '../../../src/json.ts'
import { PHASES, REASONS } from '../../../src/paths/escalation/state.ts'
import { type Definition, METRICS } from '../../../src/metrics/definitions.ts'

/** Returns the table after the line with this beginning, without its two head lines and back-quotes. */
function table(text: string, head: string): readonly (readonly string[])[] {
  const lines = text.split('\n')
  const from = lines.findIndex((line) => line.startsWith(head))
  const to = lines.findIndex((line, index) => index > from && !line.startsWith('|'))
  return lines.slice(from + 2, to).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  )
}

/** "probe.fastMs" to "250" and so on. */
function flatten(value: object, prefix = ''): readonly (readonly [string, string])[] {
  return Object.entries(value).flatMap(([key, each]: [string, unknown]) => {
    if (isObject(each)) return flatten(each, `${prefix}${key}.`)
    return [[`${prefix}${key}`, typeof each === 'string' ? each : JSON.stringify(each)] as const]
  })
}

const LANGUAGES = {
  'agent.md': { settings: '| key |', reasons: '| reason |', metrics: '| metric |' },
  'agent.ja.md': { settings: '| キー |', reasons: '| 理由 |', metrics: '| メトリクス |' },
}

for (const [file, heads] of Object.entries(LANGUAGES)) {
  const text = readFileSync(join(import.meta.dirname, '../../../docs', file), 'utf8')

  t.test(`${file}: every setting with its default`, (t) => {
    const written = table(text, heads.settings).map(([key, value]) => [key, value])
    t.same(written, flatten(agentSettingsJson(AGENT_DEFAULTS)))
    t.end()
  })

  t.test(`${file}: every reason, and every state in the drawing`, (t) => {
    const written = table(text, heads.reasons).map(([reason = '']) => reason)
    t.same(written.toSorted(), REASONS.toSorted())
    for (const phase of PHASES) t.match(text, phase)
    t.end()
  })

  t.test(`${file}: every metric with its kind and labels`, (t) => {
    const written = table(text, heads.metrics).map(([name, kind, labels]) => [name, kind, labels])
    const definitions: Readonly<Record<string, Definition>> = METRICS
    const wanted = Object.entries(definitions).map(([name, { kind, labels }]) => [
      name,
      kind,
      labels.join(' '),
    ])
    t.same(written, wanted)
    t.end()
  })
}
