import t from 'tap'
import { type Asking, joinViews, type SideView } from '../../../src/check/join-views.ts'
import { AGENT_DEFAULTS } from '../../../src/config/agent-settings.ts'
import { ANSWERS, byGateway, NEVER, path } from './fixtures/paths.ts'

const side = (name: string, change: Partial<SideView> = {}): SideView => ({
  name,
  version: '1.0.0',
  authorities: ['aaaaaaaaaa', 'bbbbbbbbbb'],
  mtuBytes: 1300,
  path: path({ name: name === 'host-a' ? 'host-b' : 'host-a' }),
  ...change,
})
const asking = (clockAheadMs = 0, roundTripMs = 100): Asking => ({
  clockAheadMs,
  roundTripMs,
  pace: AGENT_DEFAULTS.probe,
})
const A = side('host-a')
const B = side('host-b')
const deaf = { ...ANSWERS, heardAgoMs: 60_000 }

t.test('two views that agree have no finding', async (t) => {
  t.same(joinViews(A, B, asking()), [])
})

const CASES: readonly [name: string, mine: SideView, theirs: SideView, kind: string, verdict: string,
  says: RegExp, aheadMs?: number][] = [
  ['packets from here do not arrive there', A, side('host-b', { path: path({ p2p: deaf }) }), 'one-way',
    'fail', /packets from host-a to host-b are lost on the direct path; those from host-b to host-a arrive/],
  ['packets from there do not arrive here', side('host-a', { path: path({ gateway: deaf }) }), B, 'one-way',
    'fail', /packets from host-b to host-a are lost on the gateway path/],
  ['they never did', A, side('host-b', { path: path({ tunnel: { ...NEVER } }) }), 'one-way', 'fail',
    /from host-a to host-b are lost through the tunnel/],
  ['another CA', A, side('host-b', { authorities: ['cccccccccc'] }), 'ca', 'fail',
    /different CAs \(aaaaaaaa and cccccccc\)/],
  ['a clock ahead', A, B, 'clock', 'warn', /host-b is 7\.3 s ahead of that of host-a/, 7300],
  ['a clock far behind', A, B, 'clock', 'fail', /3600 s behind/, -3_600_000],
  ['another MTU', A, side('host-b', { mtuBytes: 1400 }), 'mtu', 'warn',
    /1300 bytes on host-a and 1400 on host-b/],
  ['another version', A, side('host-b', { version: '1.1.0' }), 'version', 'warn',
    /host-a runs flatnet-cni 1\.0\.0, host-b 1\.1\.0/],
  ['one end on the gateway path', A, side('host-b', { path: byGateway() }), 'path', 'warn',
    /host-a sends on the direct path, host-b on the gateway path \(silence\)/],
  ['not known there', A, side('host-b', { path: undefined }), 'unknown', 'fail',
    /host-b does not know host-a/],
] // prettier-ignore

for (const [name, mine, theirs, kind, verdict, says, aheadMs = 0] of CASES) {
  t.test(name, async (t) => {
    const found = joinViews(mine, theirs, asking(aheadMs))
    t.same(
      found.map((each) => each.kind),
      [kind],
      'one finding and no other',
    )
    t.equal(found[0]?.verdict, verdict)
    t.match(found[0]?.seen, says)
    t.ok((found[0]?.next.length ?? 0) > 0)
  })
}

t.test('a dead path is not a one-way firewall, and a slow answer is not a wrong clock', async (t) => {
  const dead = path({ p2p: deaf })
  t.same(joinViews(side('host-a', { path: dead }), side('host-b', { path: dead }), asking()), [])
  t.same(joinViews(A, B, asking(-6000, 4000)), [])
})
