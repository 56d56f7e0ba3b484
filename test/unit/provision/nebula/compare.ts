import t from 'tap'
import { parse } from 'yaml'

import { nebulaFacts } from '../../../../src/nebula/configuration/nebula-config.ts'
import { adoptPlan } from '../../../../src/provision/nebula/adopt.ts'
import { compareNebulaConfig, withKept } from '../../../../src/provision/nebula/compare.ts'
import {
  nebulaSettings,
  renderNebulaConfig,
  renderSettings,
} from '../../../../src/provision/nebula/config.ts'
import { HAND_WRITTEN } from '../../../fixtures/provision/hand-written.ts'
import { hostPlan, lighthousePlan } from '../../../fixtures/provision/nebula-plan.ts'

const file: unknown = parse(HAND_WRITTEN)
const plan = adoptPlan(hostPlan(), nebulaFacts(file))
const { differences, kept } = compareNebulaConfig(file, nebulaSettings(plan))
const differs = new Map(differences.map((one) => [one.key, one]))

t.test('what the office has decided is taken over', (t) => {
  t.match(plan, {
    cipher: 'chachapoly',
    mtuBytes: 1200,
    device: 'neb0',
    listenPort: 4243,
    allowFrom: ['web'],
  })
  for (const key of [
    'cipher',
    'tun.mtu',
    'tun.dev',
    'listen.port',
    'punchy.punch',
    'static_host_map',
    'lighthouse.hosts',
  ])
    t.notOk(differs.has(key), key)
  t.end()
})

t.test('each key that differs is named with both values and the reason', (t) => {
  t.match(differs.get('lighthouse.interval'), { yours: '60', ours: '10', why: /report/ })
  t.match(differs.get('tun.use_system_route_table'), {
    yours: undefined,
    ours: 'true',
    why: /follows the routes/,
  })
  t.match(differs.get('lighthouse.local_allow_list'), { yours: undefined, ours: /flatnet/ })
  t.match(
    differs.get('firewall.outbound'),
    { ours: /0\.0\.0\.0\/0/ },
    'a rule without local_cidr does not do',
  )
  const inbound = differs.get('firewall.inbound')?.ours ?? ''
  t.match(inbound, '4280', 'the rules for agents are missing')
  t.notMatch(inbound, /icmp|"web"/, 'and those that wider ones cover are not')
  t.end()
})

t.test('what only the existing file has is kept, also in what is written', (t) => {
  t.same(kept.map(({ key }) => key).toSorted(), [
    'firewall.inbound',
    'firewall.inbound',
    'firewall.inbound',
    'listen.batch',
    'routines',
    'static_host_map.10.86.7.1',
  ])
  const written: unknown = parse(renderSettings(plan, withKept(nebulaSettings(plan), kept)))
  t.match(written, { listen: { batch: 64, port: 4243 }, routines: 2 })
  const { firewall, staticHostMap, problems } = nebulaFacts(written)
  t.same(problems, [])
  t.same(staticHostMap.get('10.86.7.1'), ['198.18.0.77:4242'])
  t.match(
    firewall.inbound.find(({ port }) => port === '22'),
    { groups: ['admin', 'laptop'] },
  )
  t.same(
    compareNebulaConfig(written, nebulaSettings(plan)).differences,
    [],
    'and then nothing differs any more',
  )
  t.end()
})

for (const [name, made] of [
  ['a host', hostPlan({ allowFrom: ['web', 'db'] })],
  ['a lighthouse', lighthousePlan()],
] as const) {
  t.test(`${name}: a rendered configuration is found to be complete`, (t) => {
    const own: unknown = parse(renderNebulaConfig(made))
    const again = adoptPlan(made, nebulaFacts(own))
    t.same(compareNebulaConfig(own, nebulaSettings(again)), { differences: [], kept: [] })
    t.equal(renderNebulaConfig(again), renderNebulaConfig(made), 'and rendered again it is the same')
    t.end()
  })
}

t.test('a file of any other shape differs in everything that is needed, and throws nothing', (t) => {
  for (const odd of [undefined, null, 'text', [], { pki: [], tun: 'x', firewall: { inbound: 'any' } }])
    t.ok(compareNebulaConfig(odd, nebulaSettings(plan)).differences.length > 10)
  t.end()
})
