import t from 'tap'
import { GW_ITEMS } from '../../../../src/check/items/gw.ts'
import { breakOneByOne, type Case, type Some } from '../fixtures/broken.ts'
import { ANSWERS, NEVER, path } from '../fixtures/paths.ts'

const HOP = { via: '192.168.1.1', dev: 'eth0', peer: undefined, neighbour: 'REACHABLE' }
const OWN = { ...HOP, via: '192.168.1.12', peer: '10.86.2.1' }
const GATEWAY = {
  wanted: 'auto',
  hops: [HOP, OWN],
  nebulaDev: 'nebula1',
  peerOverlay: ['10.86.2.1'],
  overlay: ['10.86.1.1/16'],
}
const PATHS = { peers: [path(), path({ name: 'host-c' })], refused: [], hasGateway: true }
const gateway = (change: object): Some => ({ gateway: { ...GATEWAY, ...change } })
const paths = (...peers: readonly ReturnType<typeof path>[]): Some => ({ paths: { ...PATHS, peers } })
const dead = path({ gateway: { ...ANSWERS, repliedAgoMs: 60_000 } })

const CASES: readonly Case[] = [
  ['no answer', gateway({ hops: [{ ...HOP, neighbour: 'FAILED' }, OWN] }), 'GW-001', 'fail', /192\.168\.1\.1 on eth0 does not answer \(ARP\)/],
  ['no hop', gateway({ hops: [] }), 'GW-001', 'fail', /no default route/],
  ['none wanted', gateway({ hops: [], wanted: 'none' }), 'GW-001', 'skip', /ask for no gateway/],
  ['nothing comes back', paths(dead, dead), 'GW-002', 'fail', /0 of 2 peers/],
  ['one peer is not reached', paths(dead, path()), 'GW-002', 'ok', /1 of 2 peers/],
  ['no peer lives', paths(path({ p2p: NEVER, tunnel: NEVER, gateway: NEVER })), 'GW-002', 'skip', /no peer answers/],
  ['through the tunnel', gateway({ hops: [{ ...HOP, dev: 'nebula1' }, OWN] }), 'GW-003', 'fail', /192\.168\.1\.1 is asked for on nebula1, and is no host of Nebula/],
  ['a gateway host of Nebula', gateway({ hops: [{ ...HOP, via: '10.86.0.9', dev: 'nebula1' }, OWN] }), 'GW-003', 'ok', /10\.86\.0\.9 is a gateway host/],
  ['for nobody', gateway({ hops: [HOP, { ...OWN, peer: '10.86.9.1' }] }), 'GW-004', 'warn', /no peer has 10\.86\.9\.1/],
] // prettier-ignore

void breakOneByOne(t, GW_ITEMS, { gateway: GATEWAY, paths: PATHS }, CASES)
