import t from 'tap'

import { parseIp } from '../../../src/addr/ip.ts'
import { renderServing, renderStandIn } from '../../../src/net/names-rules.ts'
import { prefix } from '../../fixtures/addresses.ts'

const SUBNET = prefix('10.87.1.0/24')
const QUESTIONS = 'ip saddr 10.87.1.0/24 ip daddr 10.87.1.1 meta l4proto { tcp, udp } th dport 53'

t.test('while the agent answers, questions are not tracked', async (t) => {
  const rules = renderServing(SUBNET)
  t.ok(rules.includes(`${QUESTIONS} notrack\n`))
  t.notMatch(rules, /dnat|waiting/)
})

t.test('while it does not, they wait, and then go to the resolver', async (t) => {
  const resolver = parseIp('192.0.2.53')
  const rules = resolver === undefined ? '' : renderStandIn(SUBNET, resolver)
  t.match(rules, /element ip flatnet_names waiting \{ 10\.87\.1\.1 timeout 2s \}/)
  t.ok(rules.includes(`${QUESTIONS} ip daddr @waiting drop\n`))
  t.ok(rules.includes(`${QUESTIONS} dnat to 192.0.2.53\n`))
})

t.test('each text replaces whatever there was, in one transaction', async (t) => {
  const resolver = parseIp('192.0.2.53')
  for (const rules of [renderServing(SUBNET), resolver === undefined ? '' : renderStandIn(SUBNET, resolver)])
    t.match(rules, /^add table ip flatnet_names\ndelete table ip flatnet_names\nadd table ip flatnet_names\n/)
})
