import t from 'tap'

import { AGENT_DEFAULTS } from '../../../src/config/agent-settings.ts'
import { leaseTicks, newLease, tickLease } from '../../../src/registry/lease.ts'

t.test('a host that is heard keeps its lease, a silent one loses it tick by tick', (t) => {
  let lease = newLease(-Infinity)
  for (let count = 1; count <= 3; count++) {
    lease = tickLease(lease, -Infinity)
    t.equal(lease.silentTicks, count)
  }
  lease = tickLease(lease, 5000)
  t.same(lease, { heardAt: 5000, silentTicks: 0 })
  t.equal(tickLease(lease, 5000).silentTicks, 1, 'the same word again is none')
  t.equal(tickLease(lease, 4000).silentTicks, 1)
  t.end()
})

t.test('a lease outlasts some missed probes, however slow they are', (t) => {
  t.equal(leaseTicks(AGENT_DEFAULTS.probe), 20)
  t.equal(leaseTicks({ idleMs: 100, gatewayMs: 100 }), 15)
  t.equal(leaseTicks({ idleMs: 60_000, gatewayMs: 5000 }), 20, 'one lane is enough')
  t.equal(leaseTicks({ idleMs: 60_000, gatewayMs: 60_000 }), 240)
  t.end()
})
