import t from 'tap'
import { readMetrics } from '../../../../src/check/reading/prometheus-text.ts'

t.test('figures are found by the end of their names', async (t) => {
  const text = `# HELP nebula_host_firewall_outgoing_dropped_no_rule firewall.outgoing.dropped.no_rule
# TYPE nebula_host_firewall_outgoing_dropped_no_rule gauge
nebula_host_firewall_outgoing_dropped_no_rule 7
nebula_host_other 3
firewall_incoming_dropped_no_rule{host="a b"} 1
firewall_incoming_dropped_no_rule{host="c"} 1.5e1
certificate_ttl_seconds NaN
`
  const names = [
    'firewall_outgoing_dropped_no_rule',
    'firewall_incoming_dropped_no_rule',
    'certificate_ttl_seconds',
  ]
  t.same(
    [...readMetrics(text, names)],
    [
      ['firewall_outgoing_dropped_no_rule', 7],
      ['firewall_incoming_dropped_no_rule', 16],
    ],
  )
})
