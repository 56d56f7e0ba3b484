// Compares ADD on a host with 60,000 leases and on one without any. Both have the same /16, so that only the
// number of leases differs.

import { fillLeases } from '../host/leases.ts'
import { ourNetwork, stateFolder } from '../host/networks.ts'
import { measureAttachments } from '../process/pairs.ts'
import type { Scenario } from '../row.ts'
import { withHosts } from './with-hosts.ts'

const LEASES = 60_000
const SUBNET = '10.88.0.0/16'
const PLACE = { pool: '10.88.0.0/15', subnet: SUBNET }

export const leasesScenario: Scenario = {
  ids: ['leases-add', 'leases-del'],
  measure: (bench) =>
    withHosts(bench, ['leases-full', 'leases-none'], async (full, none) => {
      const ours = { host: full, network: ourNetwork(bench, full, PLACE) }
      const theirs = { host: none, network: ourNetwork(bench, none, PLACE) }
      bench.progress(`writing ${LEASES} leases and records`)
      fillLeases(stateFolder(full), SUBNET, LEASES)
      const { add, del } = await measureAttachments(ours, theirs, bench.runs)
      const against = 'flatnet-cni with none'
      return [
        { id: 'leases-add', what: `ADD with ${LEASES} leases held`, against, goal: 1.05, ...add },
        { id: 'leases-del', what: `DEL with ${LEASES} leases held`, against, ...del },
      ]
    }),
}
