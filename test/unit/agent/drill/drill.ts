import t from 'tap'

import { type DrillParts, makeDrills, parseDrillRequest } from '../../../../src/agent/drill/drill.ts'
import { makePeerSet } from '../../../../src/agent/peers/peer-set.ts'
import { AGENT_DEFAULTS } from '../../../../src/config/agent-settings.ts'
import { CniError } from '../../../../src/cni/error.ts'
import { A, B, contactOf } from '../../../fixtures/agent/peer.ts'

t.test('a drill needs a peer and a time within bounds', (t) => {
  t.same(parseDrillRequest({ peer: 'host-b', forMs: 10_000, more: 1 }), { peer: 'host-b', forMs: 10_000 })
  for (const forMs of [1000, 300_000]) t.equal(parseDrillRequest({ peer: 'b', forMs }).forMs, forMs)
  const refused: readonly (readonly [body: unknown, names: string])[] = [
    [undefined, 'peer'],
    [null, 'peer'],
    ['host-b', 'peer'],
    [[], 'peer'],
    [{ forMs: 5000 }, 'peer'],
    [{ peer: 2, forMs: 5000 }, 'peer'],
    [{ peer: 'b' }, 'forMs'],
    [{ peer: 'b', forMs: '5000' }, 'forMs'],
    [{ peer: 'b', forMs: 999 }, 'forMs'],
    [{ peer: 'b', forMs: 300_001 }, 'forMs'],
    [{ peer: 'b', forMs: 1000.5 }, 'forMs'],
    [{ peer: 'b', forMs: NaN }, 'forMs'],
  ]
  for (const [body, names] of refused) {
    const caught = t.throws(() => parseDrillRequest(body), CniError, JSON.stringify(body))
    t.match(caught, { message: 'drill not understood', details: new RegExp(`^${names}: `) })
  }
  t.end()
})

t.test('a refused drill gives the reason in its answer, which has already begun', async (t) => {
  const peers = makePeerSet(() => AGENT_DEFAULTS)
  peers.update([contactOf(A, B)])
  // No other part of the agent is used before the checks are done.
  const drills = makeDrills({ peers } as unknown as DrillParts)
  const linesOf = async (peer: string): Promise<readonly object[]> => {
    const lines: object[] = []
    for await (const line of drills.run({ peer, forMs: 1000 }, new AbortController().signal)) lines.push(line)
    return lines
  }
  t.match(await linesOf('host-2'), [
    {
      kind: 'failed',
      message: 'nothing to drill',
      details: /^host-2 is on the gateway path \(agent-start\)/,
    },
  ])
  t.match(await linesOf('host-9'), [{ kind: 'failed', message: 'unknown peer "host-9"' }])
})
