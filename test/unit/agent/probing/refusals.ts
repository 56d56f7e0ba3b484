import t from 'tap'

import { makeMeters } from '../../../../src/agent/http/meters.ts'
import type { Refusal } from '../../../../src/agent/probing/inbox.ts'
import { accountRefusals } from '../../../../src/agent/probing/refusals.ts'
import type { AgentPeer } from '../../../../src/agent/peers/peer.ts'
import { A, B, peerOf } from '../../../fixtures/agent/peer.ts'

interface Account {
  readonly refuse: (why: string, from: string, peer?: AgentPeer) => void
  readonly logged: object[]
  /** Returns one kind of refusal in /metrics. */
  readonly counted: (why: string) => string | undefined
}

function account(): Account {
  const meters = makeMeters()
  const logged: object[] = []
  const take = accountRefusals(meters, (level, msg, fields = {}) => logged.push({ level, msg, ...fields }))
  return {
    logged,
    refuse: (why, from, peer) => {
      const incoming = { datagram: Buffer.alloc(0), lane: 'tunnel', to: '10.86.1.1', from, port: 1 } as const
      const refusal: Refusal = { kind: 'refused', why, incoming }
      take(peer === undefined ? refusal : { ...refusal, peer })
    },
    counted: (why) => {
      const garbage = { runs: 0, failures: 0, removed: new Map<string, number>() }
      const text = meters.text({
        peers: [],
        refusedPeers: 0,
        ownExpiry: 0,
        leases: 0,
        garbage,
        closedPorts: [],
        httpGateways: [],
        containers: new Map(),
      })
      return new RegExp(`flatnet_probe_refused_total\\{why="${why}"\\} (\\d+)`).exec(text)?.[1]
    },
  }
}

t.test('each kind of refusal is logged once a sender and counted every time', (t) => {
  const { refuse, logged, counted } = account()
  const peer = peerOf(A, B, 0)
  for (let round = 0; round < 50; round++) {
    refuse('forged', '10.86.2.1', peer)
    refuse('garbage', '10.86.2.1')
    refuse('garbage', '10.86.9.9')
  }
  t.same(logged, [
    { level: 'warn', msg: 'message refused', peer: 'host-2', address: '10.86.2.1', why: 'forged' },
    { level: 'warn', msg: 'message refused', address: '10.86.2.1', why: 'garbage' },
    { level: 'warn', msg: 'message refused', address: '10.86.9.9', why: 'garbage' },
  ])
  t.equal(counted('forged'), '50')
  t.equal(counted('garbage'), '100')
  t.end()
})

t.test('forged sender addresses do not fill the log', (t) => {
  const { refuse, logged, counted } = account()
  for (let index = 0; index < 5000; index++) refuse('garbage', `10.${String(index)}`)
  t.equal(logged.length, 256)
  t.equal(counted('garbage'), '5000')
  t.end()
})
