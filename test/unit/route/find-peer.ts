// Which peer a name or address means.
import t from 'tap'
import { findPeer } from '../../../src/route/find-peer.ts'

const PEERS = [
  { name: 'host', overlay: ['10.86.3.1'], subnets: ['10.87.3.0/24'] },
  { name: 'host-b', overlay: ['10.86.2.1', 'fd86::2:1'], subnets: ['10.87.2.0/24', 'fd87:0:0:2::/64'] },
  { name: 'host-c', overlay: ['10.86.4.1'], subnets: [] },
  { name: '東京', overlay: ['10.86.5.1'], subnets: ['10.87.5.0/24'] },
  { name: 'twin', overlay: ['10.86.6.1'], subnets: [] },
  { name: 'twin', overlay: ['10.86.7.1'], subnets: [] },
]

t.test('a peer is found by every name it has', async (t) => {
  const cases: [string, string][] = [
    ['host', 'host'],
    ['host-b', 'host-b'],
    ['10.86.2.1', 'host-b'],
    ['fd86:0::2:1', 'host-b'],
    ['10.87.2.17', 'host-b'],
    ['10.87.2.0/24', 'host-b'],
    ['fd87:0:0:2::77', 'host-b'],
    ['東', '東京'],
    ['10.86.7.1', 'twin'],
  ]
  for (const [wanted, name] of cases) t.equal(findPeer(PEERS, wanted).name, name, wanted)
})

t.test('an unknown name is refused with the known names', async (t) => {
  for (const wanted of ['nobody', '', '10.99.0.1', '10.87.2.0/25', '0.0.0.0/0', '::'])
    t.throws(() => findPeer(PEERS, wanted), {
      message: /^unknown peer/,
      details: /known peers: host, host-b, host-c, twin/,
    })
  t.throws(() => findPeer([], 'x'), { message: /unknown/, details: 'this host knows no peer' })
})

t.test('an ambiguous name is refused with all candidates', async (t) => {
  t.throws(() => findPeer(PEERS, 'host-'), {
    message: /matches 2 peers/,
    details: /host-b .*10\.86\.2\.1.*host-c/,
  })
  t.throws(() => findPeer(PEERS, 'twin'), {
    message: /matches 2 peers/,
    details: /twin \(10\.86\.6\.1\), twin \(10\.86\.7\.1\)/,
  })
})
