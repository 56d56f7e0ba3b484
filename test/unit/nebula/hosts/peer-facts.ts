import t from 'tap'

import { formatIp } from '../../../../src/addr/ip.ts'
import { formatPrefix, parsePrefix } from '../../../../src/addr/prefix.ts'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { peerFacts } from '../../../../src/nebula/hosts/peer-facts.ts'
import { file } from '../fixtures/files.ts'

const pools = ['10.87.0.0/16', 'fd87::/48'].flatMap((text) => parsePrefix(text) ?? [])

t.test("a peer's facts are its addresses and its part of the pools", (t) => {
  const cases = [
    {
      path: 'v2-1110/host-b.crt',
      overlay: ['10.86.2.1', 'fd86::2:1'],
      networks: ['10.86.0.0/16', 'fd86::/64'],
      subnets: ['10.87.2.0/24', 'fd87:0:0:2::/64'],
    },
    {
      path: 'v1-161/host-a.crt',
      overlay: ['10.86.1.1'],
      networks: ['10.86.0.0/16'],
      subnets: ['10.87.1.0/24'],
    },
    { path: 'v1-161/lh1.crt', overlay: ['10.86.0.1'], networks: ['10.86.0.0/16'], subnets: [] },
    { path: 'v1-161/gateway.crt', overlay: ['10.86.0.2'], networks: ['10.86.0.0/16'], subnets: [] },
    {
      path: 'v2-1110/host-hostbits.crt',
      overlay: ['10.86.4.1'],
      networks: ['10.86.0.0/16'],
      subnets: ['10.87.4.0/24'],
    },
  ]
  for (const { path, overlay, networks, subnets } of cases) {
    const [certificate] = parseCertificates(file(path), path)
    if (certificate === undefined) throw new Error(path)
    const facts = peerFacts(certificate, pools)
    t.same(facts.overlay.map(formatIp), overlay, path)
    t.same(facts.networks.map(formatPrefix), networks, path)
    t.same(facts.subnets.map(formatPrefix), subnets, path)
    const { name, version, fingerprint, notBefore, notAfter } = certificate
    t.equal(facts.forwards, path.endsWith('gateway.crt') ? true : undefined, path)
    t.match(facts, { name, version, fingerprint, notBefore, notAfter })
  }
  t.end()
})
