import t from 'tap'

import { firstEpoch, nextState, outrun, tellable } from '../../../src/registry/own-state.ts'
import type { ContainerView } from '../../../src/views/containers.ts'
import { prefix } from '../../fixtures/addresses.ts'

const SUBNETS = [prefix('10.87.1.0/24')]
const container = (id: string, change: Partial<ContainerView> = {}): ContainerView => ({
  host: 'host-a',
  id,
  names: [id],
  network: 'flatnet',
  ifname: 'eth0',
  addresses: ['10.87.1.10'],
  ports: [],
  since: '2026-01-01T00:00:00Z',
  state: 'up',
  ...change,
})

t.test('a host tells what the others will take, and nothing else', (t) => {
  const { entries, untold } = tellable(
    [
      container('web', {
        names: ['web', 'no name!', '-x'],
        labels: { 'flatnet.http': 'true', PASSWORD: 'secret' },
        exposed: [{ protocol: 'tcp', port: 80 }],
      }),
      container('starting', { state: 'adding' }),
      container('dead', { state: 'stale' }),
      container('earlier', { addresses: ['10.87.9.10'] }),
      container('a'),
    ],
    SUBNETS,
  )
  t.same(
    entries.map(({ id, names, labels }) => [id, names, labels]),
    [
      ['a', ['a'], {}],
      ['web', ['web'], { 'flatnet.http': 'true' }],
    ],
  )
  t.match(untold, [/^container earlier\.addresses\[0\]: "10\.87\.9\.10" is not in/])
  t.notMatch(JSON.stringify(entries), /host-a|secret/)
  t.end()
})

t.test('one container with a thousand ports does not hide the rest', (t) => {
  const ports = Array.from({ length: 1000 }, (_, index) => ({
    protocol: 'udp' as const,
    hostPort: 10_000 + index,
    containerPort: 10_000 + index,
    hostIp: null,
  }))
  t.equal(tellable([container('many', { ports })], SUBNETS).entries[0]?.ports.length, 512)
  const crowd = Array.from({ length: 1100 }, (_, index) => container(`c${String(index)}`))
  const { entries, untold } = tellable(crowd, SUBNETS)
  t.same([entries.length, untold.length], [1024, 76])
  t.end()
})

t.test('a change raises the sequence, a look that finds the same does not', (t) => {
  const { entries } = tellable([container('web')], SUBNETS)
  const empty = { epoch: 7, sequence: 0, containers: [] }
  t.equal(nextState(empty, []), empty)
  const one = nextState(empty, entries)
  t.match(one, { epoch: 7, sequence: 1 })
  t.equal(nextState(one, tellable([container('web')], SUBNETS).entries), one)
  t.match(nextState(one, []), { sequence: 2, containers: [] })
  t.end()
})

t.test('a run has a higher epoch than the one before, also with a clock that was put back', (t) => {
  t.equal(firstEpoch(undefined, 1000.7), 1000)
  t.equal(firstEpoch(900, 1000), 1000)
  t.equal(firstEpoch(5000, 1000), 5001)
  const own = { epoch: 1000, sequence: 4, containers: [] }
  t.equal(outrun(own, { epoch: 999, sequence: 9 }), own)
  t.match(outrun(own, { epoch: 5000, sequence: 2 }), { epoch: 5001, sequence: 0 })
  t.match(outrun(own, { epoch: 1000, sequence: 4 }), { epoch: 1001 }, 'the same version with another content')
  t.equal(outrun(own, { epoch: 2 ** 52, sequence: 0 }), own, 'a liar cannot use all numbers up')
  t.end()
})
