import t from 'tap'

import { formatIp, type Ip, parseIp } from '../../../../src/addr/ip.ts'
import { lighthousesToAsk, othersToAsk, untilNextRound } from '../../../../src/agent/exchange/rounds.ts'

const ips = (...texts: string[]): readonly Ip[] => texts.flatMap((text) => parseIp(text) ?? [])
const HOSTS = {
  own: ips('10.86.1.1', 'fd86::1'),
  lighthouses: ips('10.86.0.1', '10.86.1.1', '10.86.0.1', '10.86.0.2'),
  peers: ips('10.86.0.1', '10.86.2.1', '10.86.3.1'),
}

t.test('lighthouses are asked every round, others every tenth or if no lighthouse answers', (t) => {
  t.same(
    lighthousesToAsk(HOSTS).map(formatIp),
    ['10.86.0.1', '10.86.0.2'],
    'each once, never this host itself',
  )
  for (let round = 0; round < 21; round++) {
    const expected = round % 10 === 0 ? ['10.86.2.1', '10.86.3.1'] : []
    t.same(othersToAsk(HOSTS, round, true, 0).map(formatIp), expected, `round ${String(round)}`)
    t.same(othersToAsk(HOSTS, round, false, 0.6).map(formatIp), ['10.86.3.1', '10.86.2.1'])
  }
  t.same(othersToAsk({ ...HOSTS, peers: [] }, 0, false, 0.5), [])
  t.end()
})

t.test('of many others a few are asked at a time, and all in the long run', (t) => {
  const peers = ips(...Array.from({ length: 100 }, (_, index) => `10.86.9.${String(index)}`))
  const seen = new Set<string>()
  for (let random = 0; random < 1; random += 0.01) {
    const asked = othersToAsk({ ...HOSTS, peers }, 0, true, random)
    t.equal(asked.length, 8)
    for (const ip of asked) seen.add(formatIp(ip))
  }
  t.equal(seen.size, 100)
  t.end()
})

t.test('the next round comes within a fifth of its interval', (t) => {
  t.same(
    [0, 0.5, 1].map((random) => untilNextRound(30_000, random)),
    [24_000, 30_000, 36_000],
  )
  t.end()
})
