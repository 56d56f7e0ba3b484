import t from 'tap'

import { parseIp } from '../../../../src/addr/ip.ts'
import { newsAmong } from '../../../../src/nebula/hosts/newer-certificates.ts'
import type { PeerFacts } from '../../../../src/nebula/hosts/peer-facts.ts'

function peer(name: string, fingerprint: string, notBefore: number): PeerFacts {
  const overlay = [parseIp(`10.86.2.${String(name.charCodeAt(0))}`) ?? { family: 4 as const, value: 1n }]
  return { name, version: 1, overlay, networks: [], subnets: [], fingerprint, notBefore, notAfter: 9 }
}

t.test('only unknown certificates that are the latest of their host are new, once each', (t) => {
  const known = [peer('b', 'b1', 5), peer('c', 'c1', 5)]
  const [same, older, newer] = [peer('b', 'b1', 5), peer('b', 'b0', 4), peer('c', 'c2', 6)]
  const [unknown, twin, newest] = [peer('d', 'd1', 1), peer('d', 'd1', 1), peer('c', 'c3', 7)]
  t.same(newsAmong([same, older, newer, unknown, twin], known), [newer, unknown])
  t.same(newsAmong([newer, newest], known), [newest])
  t.same(newsAmong([], known), [])
  t.same(newsAmong(known, []), known)
  t.end()
})
