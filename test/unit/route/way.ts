import t from 'tap'

import type { Route } from '../../../src/ip/route.ts'
import { type Way, wayTo } from '../../../src/route/way.ts'
import { prefix } from '../../fixtures/addresses.ts'

const METRICS = { p2p: 100, gateway: 500 }
const route = (dst: string, metric: number, more: Partial<Route> = {}): Route => ({
  kind: 'unicast',
  dst: prefix(dst),
  metric,
  ...more,
})
const FOUR = ['10.87.2.0/24']
const DUAL = [...FOUR, 'fd87:0:0:2::/64']

t.test('which path the routes take', (t) => {
  const p2p = route('10.87.2.0/24', 100)
  const gateway = route('10.87.2.0/24', 500)
  const [p2p6, gateway6] = [route('fd87:0:0:2::/64', 100), route('fd87:0:0:2::/64', 500)]
  const pinned = [route('10.87.2.2/32', 100), route('10.87.2.3/32', 500)]
  const unreachable = route('10.87.0.0/16', 4294967295, { kind: 'unreachable' })
  const cases: readonly (readonly [subnets: readonly string[], routes: readonly Route[], way: Way])[] = [
    [FOUR, [p2p, gateway, unreachable], 'p2p'],
    [FOUR, [p2p], 'p2p'],
    [FOUR, [gateway, ...pinned, unreachable], 'gateway'],
    [FOUR, [...pinned, unreachable], 'none'],
    // A gateway host inside Nebula: one route for the pool.
    [FOUR, [route('10.87.0.0/16', 500), unreachable], 'gateway'],
    [FOUR, [p2p, route('10.87.0.0/16', 500)], 'p2p'],
    [FOUR, [route('10.88.0.0/16', 500)], 'none'],
    // Only Nebula reads these.
    [FOUR, [route('10.87.2.0/24', 100, { table: 4280 })], 'none'],
    [DUAL, [p2p, p2p6, gateway, gateway6], 'p2p'],
    [DUAL, [p2p, gateway, gateway6], 'gateway'],
    [DUAL, [p2p, gateway], 'none'],
    [[], [p2p], 'none'],
  ]
  for (const [subnets, routes, way] of cases)
    t.equal(wayTo(routes, subnets.map(prefix), METRICS), way, JSON.stringify([subnets, routes.length]))
  t.end()
})
