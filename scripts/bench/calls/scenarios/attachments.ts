// ADD and DEL of one attachment at a time, against Debian's reference plugins.

import { ourNetwork, referenceNetwork } from '../host/networks.ts'
import { measureAttachments } from '../process/pairs.ts'
import type { Bench, Row, Scenario } from '../row.ts'
import { withHosts } from './with-hosts.ts'

const CHAIN = 'bridge+host-local, portmap, firewall, tuning'
const FIRST_PORT = 20_000

interface Job {
  readonly id: string
  readonly job: string
  readonly against: string
  readonly goals: { readonly add?: number; readonly del?: number }
  readonly whole: boolean
  readonly ports: boolean
  /** Containers that already exist on either side. */
  readonly held?: number
  readonly note?: string
}

const JOBS: readonly Job[] = [
  {
    id: 'job',
    job: 'of a whole job, one published port',
    against: CHAIN,
    goals: { add: 0.5, del: 0.25 },
    whole: true,
    ports: true,
    note: 'ours is flatnet-cni alone, as in conflist/10-flatnet.conflist',
  },
  {
    id: 'noport',
    job: 'of the same without a port',
    against: CHAIN,
    goals: {},
    whole: true,
    ports: false,
    note: 'ours is flatnet-cni alone',
  },
  {
    id: 'busy',
    job: 'of that with 50 containers there',
    against: CHAIN,
    goals: {},
    whole: true,
    ports: false,
    held: 50,
    note: 'ours is flatnet-cni alone',
  },
  {
    id: 'bare',
    job: 'without ports or masquerade',
    against: 'bridge+host-local',
    goals: { add: 3, del: 1.5 },
    whole: false,
    ports: false,
  },
]

export const attachmentScenarios: readonly Scenario[] = JOBS.map((job) => ({
  ids: [`${job.id}-add`, `${job.id}-del`],
  measure: (bench) => measureJob(bench, job),
}))

function measureJob(bench: Bench, plan: Job): Promise<Row[]> {
  const { id, job, against, goals, whole, ports, held, note } = plan
  return withHosts(bench, [`${id}-us`, `${id}-ref`], async (us, reference) => {
    const published = ports && { firstPort: FIRST_PORT }
    const { add, del } = await measureAttachments(
      { host: us, network: ourNetwork(bench, us, { ipMasq: whole, ports }), ...published },
      { host: reference, network: referenceNetwork(reference, whole), ...published },
      bench.runs,
      held === undefined ? {} : { held },
    )
    const more = { against, ...(note !== undefined && { note }) }
    return [
      { id: `${id}-add`, what: `ADD ${job}`, ...more, ...goalOf(goals.add), ...add },
      { id: `${id}-del`, what: `DEL ${job}`, ...more, ...goalOf(goals.del), ...del },
    ]
  })
}

function goalOf(goal: number | undefined): { goal?: number } {
  return goal === undefined ? {} : { goal }
}
