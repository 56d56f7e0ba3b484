import t from 'tap'
import { formatIp } from '../../../src/addr/ip.ts'
import { addressesOf, clip, isWithin, type Span, spanOf } from '../../../src/addr/span.ts'
import { ip, prefix } from '../../fixtures/addresses.ts'

const span = (first: string, last: string): Span => ({ first: ip(first), last: ip(last) })
const text = (each: Span | undefined): string =>
  each === undefined ? 'none' : `${formatIp(each.first)}-${formatIp(each.last)}`

t.test('a span is clipped to a network', async (t) => {
  const cases: [Span, string][] = [
    [span('10.87.1.100', '10.87.1.200'), '10.87.1.100-10.87.1.200'],
    [span('10.87.0.0', '10.87.255.255'), '10.87.1.0-10.87.1.255'],
    [span('10.87.0.200', '10.87.1.9'), '10.87.1.0-10.87.1.9'],
    [span('10.87.2.0', '10.87.2.9'), 'none'],
    [span('fd87::', 'fd87::9'), 'none'],
  ]
  for (const [each, expected] of cases) t.equal(text(clip(each, prefix('10.87.1.0/24'))), expected)
  t.equal(text(spanOf(prefix('10.87.1.77/24'))), '10.87.1.0-10.87.1.255')
})

t.test('its addresses follow each other, up to the given number', async (t) => {
  const all = [...addressesOf([span('10.87.1.9', '10.87.1.10'), span('fd87::', 'fd87:1::')], 3)]
  t.same(all.map(formatIp), ['10.87.1.9', '10.87.1.10', 'fd87::', 'fd87::1', 'fd87::2'])
  t.ok(isWithin(span('10.87.1.9', '10.87.1.10'), ip('10.87.1.10')))
  t.notOk(isWithin(span('10.87.1.9', '10.87.1.10'), ip('10.87.1.11')))
  t.notOk(isWithin(span('::', 'ffff::'), ip('10.87.1.10')))
})
