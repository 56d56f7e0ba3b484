import t from 'tap'
import type { HttpGatewayFacts } from '../../../../src/check/facts/http-gateway.ts'
import type { GatewayView } from '../../../../src/http-gateway/recognition.ts'
import { HTTP_ITEMS } from '../../../../src/check/items/http.ts'
import { breakOneByOne, type Case, reportOf, type Some } from '../fixtures/broken.ts'

function gateway(host: string, state: GatewayView['state'], detail: string | null = null): GatewayView {
  return { host, address: '192.168.1.12:80', state, since: null, lastContact: null, detail }
}
const office = (...gateways: readonly GatewayView[]): Some => broken({ gateways })

const HEALTHY: HttpGatewayFacts = {
  isInstalled: true,
  program: '/usr/sbin/nginx',
  obstacle: undefined,
  pid: 42,
  problem: undefined,
  port: 80,
  holder: { pid: 42, name: 'nginx' },
  differing: [],
  host: 'host-a',
  hosts: 2,
  names: 5,
  silentSeconds: 3,
  snapshotProblem: undefined,
  isCurrent: true,
  freeBytes: 30_000_000,
  gateways: [gateway('host-a', 'self'), gateway('host-b', 'up'), gateway('host-c', 'unknown')],
}
const broken = (change: Partial<HttpGatewayFacts>): Some => ({ httpGateway: { ...HEALTHY, ...change } })
const down = { pid: undefined, problem: 'connect ENOENT', host: undefined, silentSeconds: undefined }
const conf = '/etc/flatnet/http-gateway/nginx.conf'

const CASES: readonly Case[] = [
  ['no module', broken({ obstacle: 'nginx has no Lua module' }), 'HTTP-001', 'fail', /no Lua module/],
  ['no nginx, and it does not run', broken({ ...down, holder: undefined, obstacle: 'nginx missing' }),
    'HTTP-001', 'fail', /nginx missing/],
  ['not running', broken({ ...down, holder: undefined }), 'HTTP-002', 'fail', /no nginx runs/],
  ['running, but silent', broken({ problem: 'did not answer within 10000 ms' }),
    'HTTP-002', 'fail', /did not answer/],
  ['another program', broken({ ...down, holder: { pid: 7, name: 'apache2' } }),
    'HTTP-003', 'fail', /apache2 \(process 7\) listens on port 80/],
  ["Debian's nginx", broken({ ...down, holder: { pid: 7, name: 'nginx' } }),
    'HTTP-003', 'fail', /nginx \(process 7\)/],
  ['changed settings', broken({ differing: [conf] }), 'HTTP-004', 'warn', /different: \S+nginx\.conf$/],
  ['an update', broken({ differing: [conf, 'a', 'b'] }), 'HTTP-004', 'warn', /and 2 more/],
  ['told nothing', broken({ host: undefined, silentSeconds: undefined }), 'HTTP-005', 'fail', /told nothing/],
  ['told by the disk alone', broken({ silentSeconds: undefined }), 'HTTP-005', 'warn', /saved on disk/],
  ['one that is down', office(gateway('host-a', 'self'), gateway('host-b', 'down', 'ECONNREFUSED')),
    'HTTP-006', 'warn', /host-b no answer at 192.168.1.12:80: ECONNREFUSED/],
  ['another web server', office(gateway('host-a', 'self'), gateway('host-b', 'stranger', 'no proof')),
    'HTTP-006', 'warn', /host-b at \S+: no proof/],
  ['a stale file', broken({ snapshotProblem: 'x.json is not what nginx holds: host-b' }),
    'HTTP-007', 'warn', /host-b/],
  ['an nginx that was not reloaded', broken({ isCurrent: false }), 'HTTP-008', 'warn', /not loaded/],
  ['no default route', office({ ...gateway('host-a', 'self'), address: null }),
    'HTTP-009', 'warn', /knows no address/],
  ['too many names', broken({ freeBytes: 3_000_000 }), 'HTTP-010', 'warn', /2.9 MiB of 32/],
  ['an agent that has ended', broken({ silentSeconds: 300 }), 'HTTP-005', 'warn', /told 300 seconds ago/],
] // prettier-ignore

await breakOneByOne(t, HTTP_ITEMS, { httpGateway: HEALTHY }, CASES)

t.test('nothing is judged where none is installed', async (t) => {
  const { items, roots } = reportOf(
    HTTP_ITEMS,
    broken({ ...down, isInstalled: false, obstacle: 'nginx missing' }),
  )
  t.same(roots, [])
  for (const { id, verdict } of items) t.equal(verdict, 'skip', id)
})
