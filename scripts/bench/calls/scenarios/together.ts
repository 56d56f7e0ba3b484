// Starts 100 ADDs at the same moment on one host, then 100 DELs. All must succeed, and no address may be
// assigned twice.

import { deleteNamespaces, makeContainers } from '../host/links.ts'
import { ourNetwork, referenceNetwork } from '../host/networks.ts'
import { attachmentsOf, type Side, unzip } from '../process/pairs.ts'
import type { Row, Sample, Scenario } from '../row.ts'
import type { Timing } from '../process/task.ts'
import { withHosts } from './with-hosts.ts'

const TOGETHER = 100
// One run is 100 ADDs, so a few runs are enough.
const RUNS_PER_PAIR = 7

/** One run: the time until the last process exits, and the faults in words. */
interface Outcome {
  readonly add: Sample
  readonly del: Sample
  readonly addFaults: readonly string[]
  readonly delFaults: readonly string[]
}

export const togetherScenario: Scenario = {
  ids: ['together-add', 'together-del'],
  measure: (bench) =>
    withHosts(bench, ['many-us', 'many-ref'], async (us, reference) => {
      const ours = { host: us, network: ourNetwork(bench, us) }
      const theirs = { host: reference, network: referenceNetwork(reference, true) }
      const pairs: [Outcome, Outcome][] = []
      // One round more than counted: the first creates the bridge.
      for (let round = 0; round <= Math.ceil(bench.runs / RUNS_PER_PAIR); round++) {
        const pair: [Outcome, Outcome] = [await runOnce(ours), await runOnce(theirs)]
        const [our, their] = pair.map(({ add }) => add.ms.toFixed(0))
        bench.progress(`${TOGETHER} ADDs together: ${our} ms, theirs ${their} ms`)
        pairs.push(pair)
      }
      return [rowOf('ADD', pairs), rowOf('DEL', pairs)]
    }),
}

function rowOf(verb: 'ADD' | 'DEL', pairs: readonly [Outcome, Outcome][]): Row {
  const sample = ({ add, del }: Outcome): Sample => (verb === 'ADD' ? add : del)
  const faults = ({ addFaults, delFaults }: Outcome) => (verb === 'ADD' ? addFaults : delFaults)
  const ours = pairs.flatMap(([our]) => faults(our))
  const theirs = pairs.flatMap(([, their]) => faults(their))
  const fine = verb === 'ADD' ? 'all succeeded, all addresses different' : 'all succeeded'
  return {
    id: `together-${verb.toLowerCase()}`,
    what: `${TOGETHER} ${verb}s started together`,
    against: 'the reference chain doing the same',
    ...(verb === 'ADD' && { goal: 0.6 }),
    note: `to the end of the last; no ports; theirs: ${theirs.length === 0 ? fine : theirs.join('; ')}`,
    ...(ours.length > 0 && { broken: ours.join('; ') }),
    ...unzip(pairs.slice(1).map(([our, their]) => [sample(our), sample(their)] as const)),
  }
}

async function runOnce({ host, network }: Side): Promise<Outcome> {
  const attachments = attachmentsOf({ host, network }, TOGETHER)
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
