import t from 'tap'
import type { Finding } from '../../../../src/check/item.ts'
import type { HostView } from '../../../../src/views/host.ts'
import type { PathView } from '../../../../src/views/paths.ts'
import { AGENT_DEFAULTS } from '../../../../src/config/agent-settings.ts'
import { PATH_ITEMS } from '../../../../src/check/items/path.ts'
import { breakOneByOne, type Case, reportOf, type Some } from '../fixtures/broken.ts'
import { ANSWERS, byGateway, NEVER, ONE_WAY, path } from '../fixtures/paths.ts'

const pace = AGENT_DEFAULTS.probe
const NOW = Date.parse('2026-01-01T01:00:00Z') / 1000
const of = (peer: PathView, more: object = {}): Some => ({
  paths: { peers: [peer], refused: [], hasGateway: true, pace, ...more },
})
const refused = [{ peer: 'old.crt', reason: 'certificate expired' }]
const own = { name: 'host-a', version: '0.1.0', authorities: ['aaaa'], mtuBytes: 1300, pace }
const told = (report: Partial<HostView> = {}): Some => ({
  peerViews: {
    own,
    asked: [
      {
        peer: 'host-b',
        answer: {
          version: 1,
          by: 'tunnel',
          clockAheadMs: 3,
          roundTripMs: 10,
          path: path(),
          report: {
            version: 1,
            name: 'host-b',
            agent: { version: '0.1.0', commit: 'abc' },
            clockMs: NOW * 1000,
            certificate: { fingerprint: 'ff', notAfter: '2027-01-01T00:00:00Z' },
            cas: ['aaaa'],
            subnets: ['10.87.2.0/24'],
            nebulaDev: 'nebula1',
            mtuBytes: 1300,
            path: path({ name: 'host-a' }),
            refusedPeers: [],
            ...report,
          },
        },
      },
    ],
  },
})
const LONG = { ...ANSWERS, repliedAgoMs: 60_000, heardAgoMs: 60_000 }
const lost = { ...ANSWERS, loss: 0.1 }
const small = { ...ANSWERS, bigPasses: false, bigMissedInRow: 3 }

const CASES: readonly Case[] = [
  ['a certificate that has expired', of(path(), { refused }), 'PATH-001', 'fail',
    /old\.crt certificate expired/],
  ['never heard',
    of(byGateway({ p2p: NEVER, tunnel: NEVER, gateway: NEVER, peer: null, reason: 'agent-start' })),
    'PATH-002', 'fail', /host-b never answered on any path/],
  ['last heard a while ago', of(byGateway({ p2p: LONG, tunnel: LONG, gateway: LONG })), 'PATH-002', 'fail',
    /host-b nothing heard on any path for 60 s/],
  ['fallen back', of(byGateway()), 'PATH-003', 'warn',
    /host-b gateway path \(silence: no answer for 812 ms, since 2026/],
  ['being tried', of(byGateway({ phase: 'P2P_ATTEMPTING', reason: 'attempt' })), 'PATH-003', 'ok',
    /is being tried/],
  ['no fallback', of(path({ gateway: { ...ANSWERS, repliedAgoMs: 60_000, heardAgoMs: 60_000 } })), 'PATH-004',
    'warn', /no answer for 60 s$/],
  ['no fallback, one way', of(path({ gateway: ONE_WAY })), 'PATH-004', 'warn',
    /only the direction towards it is blocked/],
  ['a host that went down: its last probe is a little younger than its last answer',
    of(path({
      p2p: LONG, tunnel: LONG, gateway: { ...ANSWERS, repliedAgoMs: 21_000, heardAgoMs: 14_000 },
    })),
    'PATH-004', 'warn', /no answer for 21 s, nor on any other path since$/],
  ['a gateway that never answered', of(path({ gateway: NEVER })), 'PATH-004', 'warn', /never answered/],
  ['no gateway at all', of(path({ gateway: NEVER }), { hasGateway: false }), 'PATH-004', 'skip',
    /ask for no gateway/],
  ['loss', of(path({ p2p: lost })), 'PATH-005', 'warn',
    /direct 1\.3 ms, 10\.0 % lost, gateway 1\.3 ms, 0\.0 % lost/],
  ['loss before the present phase', of(path({ p2p: lost, since: '2026-01-01T00:59:50Z' })), 'PATH-005', 'ok',
    /path changed a moment ago/],
  ['one large packet lost', of(path({ p2p: { ...small, bigMissedInRow: 1 } })), 'PATH-006', 'ok',
    /pass on the gateway path/],
  ['loss on the other path', of(path({ gateway: lost })), 'PATH-005', 'ok', /10\.0 % lost/],
  ['the last large packets are under way',
    of(path({ p2p: { ...small, bigMissedInRow: 1 }, gateway: { ...small, bigMissedInRow: 2 } })), 'PATH-006',
    'ok', /not answered yet/],
  ['a hole for large packets', of(path({ p2p: small })), 'PATH-006', 'fail',
    /packets of 1300 bytes are lost on the direct path, small ones pass/],
  ['a hole on both paths', of(path({ p2p: small, gateway: small })), 'PATH-006', 'fail',
    /the direct path and the gateway path/],
  ['a route was removed', of(path({ route: { wanted: 'p2p', installed: 'gateway' } })), 'PATH-007', 'fail',
    /should take the direct path, but takes the gateway path/],
  ['held back',
    of(path({ phase: 'P2P_ATTEMPTING', holdUntil: '2026-01-01T01:05:00Z',
    peer: { phase: 'GATEWAY_ONLY', ready: false, reason: 'loss', epoch: 1 } })), 'PATH-008', 'warn',
    /another 300 s, after 3 changes/],
  ['one end only', of(path({ peer: { phase: 'GATEWAY_FALLBACK', ready: false, reason: 'loss', epoch: 9 } })),
    'PATH-009', 'warn', /here P2P_ACTIVE, there GATEWAY_FALLBACK \(loss\)/],
  ["the peer's agent is silent", of(path({ peer: null })), 'PATH-009', 'warn', /no message from its agent/],
  ['another CA there', told({ cas: ['bbbb'] }), 'PATH-010', 'fail', /different CAs/],
  ['a firewall there that drops everything',
    told({ path: path({ name: 'host-a', p2p: { ...ANSWERS, heardAgoMs: 60_000 } }) }), 'PATH-010', 'fail',
    /packets from host-a to host-b are lost on the direct path/],
  ['a host that does not answer',
    { peerViews: { own, asked: [{ peer: 'host-b', answer: 'no answer in time' }] } }, 'PATH-010', 'fail',
    /host-b no view from its agent: no answer in time/],
  ['a clock ahead', of(path({ clockAheadMs: 9000, clockReadAgoMs: 5 })), 'PATH-011', 'warn',
    /host-b its clock is 9\.0 s ahead of the clock here/],
  ['a clock far behind', of(path({ clockAheadMs: -400_000, clockReadAgoMs: 5 })), 'PATH-011', 'fail',
    /host-b its clock is 400 s behind the clock here/],
  ['a clock close to ours', of(path({ clockAheadMs: -6500, clockReadAgoMs: 5 })), 'PATH-011', 'ok',
    /within seconds/],
  ['no clock known', of(path({ clockAheadMs: null, clockReadAgoMs: null })), 'PATH-011', 'skip',
    /not asked another host/],
  ['no peer asked for', { peerViews: { own, asked: [] } }, 'PATH-010', 'skip', /nothing to check/],
] // prettier-ignore

await breakOneByOne(t, PATH_ITEMS, { now: NOW, ...of(path()), ...told() }, CASES)

t.test("PATH-011: if all others differ in one direction, this host's clock is wrong", async (t) => {
  const about = (...ahead: readonly number[]): Finding[] => {
    const peers = ahead.map((clockAheadMs, index) => path({ name: `host-${String(index)}`, clockAheadMs }))
    const { items } = reportOf(PATH_ITEMS, { paths: { peers, refused: [], hasGateway: true, pace } })
    return [...(items.find(({ id }) => id === 'PATH-011')?.findings ?? [])]
  }
  t.match(about(301_000, 305_000, 310_000), [
    {
      verdict: 'warn',
      subject: 'this host',
      seen: 'the clock of this host is 301 s behind those of all 3 others',
    },
  ])
  t.match(
    about(301_000, 0).map(({ subject, verdict }) => [subject, verdict]),
    [
      ['host-0', 'warn'],
      ['host-1', 'ok'],
    ],
  )
  t.equal(about(-400_000, 400_000).length, 2, 'in either direction')
})

t.test("a peer that is down does not hide another peer's fault", async (t) => {
  const gone = byGateway({ name: 'host-c', p2p: NEVER, tunnel: NEVER, gateway: NEVER, peer: null })
  const { roots } = reportOf(PATH_ITEMS, {
    now: NOW,
    paths: { peers: [gone, byGateway()], refused: [], hasGateway: true, pace },
  })
  t.same(roots, ['PATH-002', 'PATH-003'])
})
