import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t, { type Test } from 'tap'

import { ip } from '../../../fixtures/addresses.ts'
import { A, B, peerOf } from '../../../fixtures/agent/peer.ts'
import { makeMeters } from '../../../../src/agent/http/meters.ts'
import { makeTransitions, type Transitions } from '../../../../src/agent/paths/transitions.ts'
import type { TransitionView } from '../../../../src/views/paths.ts'
import type { Transition } from '../../../../src/paths/escalation/state.ts'
import { openPathHistory, type PathHistory } from '../../../../src/state/agent/path-history.ts'

const FALL: Transition = {
  from: 'P2P_ACTIVE',
  to: 'GATEWAY_FALLBACK',
  reason: 'silence',
  detail: 'no answer for 812 ms',
  epoch: 5,
}

interface Kept {
  readonly transitions: Transitions
  readonly history: PathHistory
  /** Returns the transitions in /metrics. */
  readonly counted: () => readonly string[]
  readonly logged: { readonly level: string; readonly msg: string; readonly fields: object }[]
}

function keep(_: Test, dataDir: string): Kept {
  const logged: Kept['logged'] = []
  const history = openPathHistory(dataDir, () => undefined)
  const meters = makeMeters()
  const transitions = makeTransitions(history, meters, (level, msg, fields = {}) =>
    logged.push({ level, msg, fields }),
  )
  const garbage = { runs: 0, failures: 0, removed: new Map<string, number>() }
  const counted = (): readonly string[] =>
    [
      ...meters
        .text({
          peers: [peerOf(A, B, 0)],
          refusedPeers: 0,
          ownExpiry: 0,
          leases: 0,
          garbage,
          closedPorts: [],
          httpGateways: [],
          containers: new Map(),
        })
        .matchAll(/^flatnet_path_transitions_total(.*)$/gm),
    ].map(([, rest]) => rest ?? '')
  return { transitions, history, counted, logged }
}

t.test('a change is recorded, counted and logged on one line', (t) => {
  const dataDir = t.testdir()
  const { transitions, history, logged } = keep(t, dataDir)
  const peer = peerOf(A, B, 0)
  transitions.record(peer, FALL)
  t.match(history.read(ip('10.86.2.1')), [{ peer: 'host-2', ...FALL }])
  t.match(logged, [{ level: 'info', msg: 'path changed', fields: { peer: 'host-2', ...FALL } }])
  t.equal(peer.transitions, 1)
  const afterRestart = openPathHistory(dataDir, () => undefined)
  t.match(afterRestart.read(ip('10.86.2.1')), [FALL], 'it outlives the agent')
  t.end()
})

t.test('a corrected reason for the same phase is not a change of path', (t) => {
  const { transitions, history, logged, counted } = keep(t, t.testdir())
  const peer = peerOf(A, B, 0)
  transitions.record(peer, FALL)
  const { changedAt } = peer
  transitions.record(peer, { ...FALL, from: 'GATEWAY_FALLBACK', reason: 'one-way' })
  t.match(logged.at(-1), { msg: 'path explained' })
  t.equal(history.read(ip('10.86.2.1')).length, 2)
  t.same([peer.transitions, peer.changedAt], [1, changedAt])
  t.same(counted(), ['{peer="host-2",to="GATEWAY_FALLBACK",reason="silence"} 1'])
  t.end()
})

t.test('a history that cannot be written only costs a log line', (t) => {
  const dataDir = t.testdir()
  mkdirSync(join(dataDir, 'x'))
  // A file with the path of the folder.
  writeFileSync(join(dataDir, 'history'), '')
  const { transitions, logged } = keep(t, dataDir)
  const peer = peerOf(A, B, 0)
  transitions.record(peer, FALL)
  t.same(
    logged.map(({ level, msg }) => `${level} ${msg}`),
    ['info path changed', 'warn history not written'],
  )
  t.equal(peer.transitions, 1)
  t.end()
})

t.test('a follower gets every change from then on, in order, until the signal', async (t) => {
  const { transitions } = keep(t, t.testdir())
  const [b, c] = [peerOf(A, B, 0), peerOf(A, { number: 3 }, 0)]
  transitions.record(b, { ...FALL, epoch: 1 })
  const gone = new AbortController()
  const seen: TransitionView[] = []
  const following = (async () => {
    for await (const view of transitions.follow(gone.signal)) seen.push(view)
  })()
  transitions.record(b, { ...FALL, epoch: 2 })
  transitions.record(c, { ...FALL, epoch: 1 })
  await nextTurn()
  transitions.record(b, { ...FALL, epoch: 3 })
  await nextTurn()
  gone.abort()
  await following
  transitions.record(b, { ...FALL, epoch: 4 })
  t.same(
    seen.map(({ peer, epoch }) => `${peer} ${String(epoch)}`),
    ['host-2 2', 'host-3 1', 'host-2 3'],
  )
})

t.test('a follower that was not reading gets the latest changes, not all of them', async (t) => {
  const { transitions } = keep(t, t.testdir())
  const peer = peerOf(A, B, 0)
  const gone = new AbortController()
  const views = transitions.follow(gone.signal)[Symbol.asyncIterator]()
  const first = views.next()
  for (let epoch = 1; epoch <= 1500; epoch++) transitions.record(peer, { ...FALL, epoch })
  t.match((await first).value, { epoch: 501 })
  gone.abort()
  t.same(await views.next(), { done: true, value: undefined }, 'nothing after the signal')
})
