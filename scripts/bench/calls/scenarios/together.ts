// Starts many ADDs at the same moment on one host, then as many DELs. All must succeed, and no address may be
// assigned twice.

import { deleteNamespaces, makeContainers } from '../host/links.ts'
import { ourNetwork, referenceNetwork } from '../host/networks.ts'
import { attachmentsOf, type Side, unzip } from '../process/pairs.ts'
import type { Row, Sample, Scenario } from '../row.ts'
import type { Timing } from '../process/task.ts'
import { withHosts } from './with-hosts.ts'

/** How many start together. The rows of 100 have no number in their ids; they came first. */
const CROWDS = [1, 10, 50, 100, 200] as const
// A run of many ADDs says as much as many runs, so a few are enough.
const RUNS_PER_PAIR = 7

/** One run: the time until the last process exits, and the faults in words. */
interface Outcome {
  readonly add: Sample
  readonly del: Sample
  readonly addFaults: readonly string[]
  readonly delFaults: readonly string[]
}

export const togetherScenarios: readonly Scenario[] = CROWDS.map((crowd) => ({
  ids: [idOf('add', crowd), idOf('del', crowd)],
  measure: (bench) =>
    withHosts(bench, [`many${crowd}-us`, `many${crowd}-ref`], async (us, reference) => {
      const ours = { host: us, network: ourNetwork(bench, us) }
      const theirs = { host: reference, network: referenceNetwork(reference, true) }
      const pairs: [Outcome, Outcome][] = []
      const rounds = crowd === 1 ? bench.runs : Math.ceil(bench.runs / RUNS_PER_PAIR)
      // One round more than counted: the first creates the bridge.
      for (let round = 0; round <= rounds; round++) {
        const pair: [Outcome, Outcome] = [await runOnce(ours, crowd), await runOnce(theirs, crowd)]
        const [our, their] = pair.map(({ add }) => add.ms.toFixed(0))
        if (crowd > 1) bench.progress(`${crowd} ADDs together: ${our} ms, theirs ${their} ms`)
        pairs.push(pair)
      }
      return [rowOf('add', crowd, pairs), rowOf('del', crowd, pairs)]
    }),
}))

function idOf(verb: 'add' | 'del', crowd: number): string {
  return crowd === 100 ? `together-${verb}` : `together-${crowd}-${verb}`
}

function rowOf(verb: 'add' | 'del', crowd: number, pairs: readonly [Outcome, Outcome][]): Row {
  const faults = ({ addFaults, delFaults }: Outcome) => (verb === 'add' ? addFaults : delFaults)
  const ours = pairs.flatMap(([our]) => faults(our))
  const theirs = pairs.flatMap(([, their]) => faults(their))
  const fine = verb === 'add' ? 'all succeeded, all addresses different' : 'all succeeded'
  const counted = pairs.slice(1).map(([our, their]) => [our[verb], their[verb]] as const)
  const [ourCpu, theirCpu] = [0, 1].map((side) => meanCpuMs(counted.map((pair) => pair[side])) / crowd)
  const cpu = `CPU per call ${ourCpu?.toFixed(0)} ms, theirs ${theirCpu?.toFixed(0)} ms`
  return {
    id: idOf(verb, crowd),
    what: `${crowd} ${verb.toUpperCase()}s started together`,
    against: 'the reference chain doing the same',
    ...(verb === 'add' && crowd === 100 && { goal: 0.6 }),
    note: `to the end of the last; no ports; ${cpu}; theirs: ${theirs.join('; ') || fine}`,
    ...(ours.length > 0 && { broken: ours.join('; ') }),
    ...unzip(counted),
  }
}

function meanCpuMs(samples: readonly (Sample | undefined)[]): number {
  return samples.reduce((sum, sample) => sum + (sample?.cpuMs ?? 0), 0) / Math.max(samples.length, 1)
}

async function runOnce({ host, network }: Side, crowd: number): Promise<Outcome> {
  const attachments = attachmentsOf({ host, network }, crowd)
  const names = attachments.map(({ containerID }) => containerID)
  makeContainers(names)
  try {
    const added = await host.addTogether(attachments)
    // Includes attachments whose ADD failed (CNI SPEC 1.0.0, section 2, DEL).
    const deleted = await host.delTogether(
      attachments,
      added.each.map(({ result }) => result),
    )
    return {
      add: added.whole,
      del: deleted.whole,
      addFaults: [...failuresOf(added.each), ...addressFaults(added.each)],
      delFaults: failuresOf(deleted.each),
    }
  } finally {
    deleteNamespaces(names)
  }
}

function failuresOf(each: readonly Timing[]): string[] {
  const failures = each.flatMap(({ failure }) => failure ?? [])
  const [first] = failures
  return first === undefined ? [] : [`${failures.length} of ${each.length} failed, one with ${first}`]
}

function addressFaults(each: readonly Timing[]): string[] {
  const succeeded = each.filter(({ failure }) => failure === undefined)
  const addresses = succeeded.flatMap(({ result }) => addressOf(result) ?? [])
  const twice = addresses.length - new Set(addresses).size
  return [
    ...(twice === 0 ? [] : [`${twice} addresses given twice`]),
    ...(addresses.length === succeeded.length ? [] : ['a result without an address']),
  ]
}

function addressOf(result: unknown): string | undefined {
  return (result as { ips?: { address?: string }[] } | undefined)?.ips?.[0]?.address
}
