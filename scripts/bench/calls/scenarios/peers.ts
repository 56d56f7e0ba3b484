// Compares ADD on a host with the certificates of 1,000 peers and on one without any. One row measures an ADD
// whose routes already exist, which is every ADD but the first. The other measures the ADD that verifies the
// certificates and installs the routes.

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROUTE_PROTOCOL } from '../../../../src/ip/route.ts'
import { type Authority, makeAuthority } from '../../certificates.ts'
import { type OurHost, ourNetwork, peersFolder, runFolder } from '../host/networks.ts'
import { measureAttachments } from '../process/pairs.ts'
import type { Scenario } from '../row.ts'
import { withHosts } from './with-hosts.ts'

const PEERS = 1_000
// The default pool has 1,024 subnets of 64 addresses; the host has the first.
const SUBNET_ADDRESSES = 64
// Each run takes about a second, and the ratio is far from any goal.
const MOST_FIRST_RUNS = 5

export const peersScenario: Scenario = {
  ids: ['peers-add', 'peers-del', 'peers-first-add'],
  measure: (bench) =>
    withHosts(bench, ['peers-full', 'peers-none'], async (full, none) => {
      const authority = makeAuthority(Math.floor(Date.now() / 1000))
      const place: OurHost = { authority, subnet: '10.87.0.0/26' }
      const ours = { host: full, network: ourNetwork(bench, full, place) }
      const theirs = { host: none, network: ourNetwork(bench, none, place) }
      writePeers(peersFolder(full), authority)
      const steady = await measureAttachments(ours, theirs, bench.runs)
      bench.progress(`${PEERS} peers: the ADD that makes the routes`)
      const first = await measureAttachments(ours, theirs, Math.min(bench.runs, MOST_FIRST_RUNS), {
        beforeEach: async () => {
          await full.program(['ip', 'route', 'flush', 'proto', String(ROUTE_PROTOCOL)])
          rmSync(join(runFolder(full), 'routes.json'), { force: true })
        },
      })
      const against = 'flatnet-cni with none'
      return [
        {
          id: 'peers-add',
          what: `ADD with ${PEERS} peers, routes there`,
          against,
          goal: 1.05,
          ...steady.add,
        },
        { id: 'peers-del', what: `DEL with ${PEERS} peers`, against, ...steady.del },
        {
          id: 'peers-first-add',
          what: `ADD that makes ${PEERS} peers' routes`,
          against,
          note: 'verifies every certificate and makes two routes for each; once per boot or change of peers',
          ...first.add,
        },
      ]
    }),
}

function writePeers(folder: string, authority: Authority): void {
  for (let index = 1; index <= PEERS; index++) {
    const start = index * SUBNET_ADDRESSES
    const name = `peer-${String(index).padStart(4, '0')}`
    const certificate = authority.issue({
      name,
      overlay: `10.86.${2 + (index >> 8)}.${index & 255}/16`,
      subnet: `10.87.${start >> 8}.${start & 255}/26`,
    })
    writeFileSync(join(folder, `${name}.crt`), certificate)
  }
}
