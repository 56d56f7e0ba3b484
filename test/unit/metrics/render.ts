import fc from 'fast-check'
import t from 'tap'
import { parseExposition } from '../../fixtures/metrics/exposition.ts'
import { createRegistry, series, set } from '../../../src/metrics/registry.ts'
import { render } from '../../../src/metrics/render.ts'

const expiryOf = (peer: string, value = 1): string => {
  const registry = createRegistry()
  set(series(registry, 'flatnet_certificate_expiry_timestamp_seconds', { peer }), value)
  return render(registry)
}

t.test('a peer name with a quote, a backslash and a line feed stays one label', (t) => {
  t.match(expiryOf('a"b\\c\nd'), 'flatnet_certificate_expiry_timestamp_seconds{peer="a\\"b\\\\c\\nd"} 1\n')
  t.end()
})

t.test('any peer name gives readable text, and two names give two series', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (peer) => {
      const { samples } = parseExposition(expiryOf(peer))
      return [...samples.keys()].filter((key) => key.startsWith('flatnet_certificate')).length === 1
    }),
  )
  t.end()
})

for (const [value, text] of [
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
  [NaN, 'NaN'],
  [1e21, '1e+21'],
  [0.1, '0.1'],
  [1764166711, '1764166711'],
] as const) {
  t.test(`${String(value)} is written as ${text}`, (t) => {
    t.ok(expiryOf('b', value).includes(`{peer="b"} ${text}\n`))
    parseExposition(expiryOf('b', value))
    t.end()
  })
}
