// 100 ADDs started at the same moment on one host: every one has to succeed, and no address may be given twice.

import type { Host } from '../host.ts'
import { deleteNamespaces, makeContainers } from '../links.ts'
import { ourNetwork, referenceNetwork } from '../networks.ts'
import { attachmentsOf, type Side, unzip } from '../pairs.ts'
import type { Scenario } from '../row.ts'
import type { Timing } from '../task.ts'
import { withHosts } from './with-hosts.ts'

const TOGETHER = 100
// One run is 100 ADDs, so a few are enough.
const RUNS_PER_PAIR = 7

interface Outcome {
  readonly ms: number
  /** What was wrong, in words. */
  readonly faults: readonly string[]
}

export const togetherScenario: Scenario = {
  ids: ['together-add'],
  measure: (bench) =>
    withHosts(bench, ['many-us', 'many-ref'], async (us, reference) => {
      const ours = { host: us, network: ourNetwork(bench, us) }
      const theirs = { host: reference, network: referenceNetwork(reference, true) }
      const pairs: [number, number][] = []
      const faults = { ours: new Set<string>(), theirs: new Set<string>() }
      // One round more than counts: the first makes the bridge.
      for (let round = 0; round <= Math.ceil(bench.runs / RUNS_PER_PAIR); round++) {
        const our = await addTogether(ours)
        const their = await addTogether(theirs)
        bench.progress(`${TOGETHER} together: ${our.ms.toFixed(0)} ms, theirs ${their.ms.toFixed(0)} ms`)
        for (const fault of our.faults) faults.ours.add(fault)
        for (const fault of their.faults) faults.theirs.add(fault)
        if (round > 0) pairs.push([our.ms, their.ms])
      }
      const note = 'to the end of the last; no ports; theirs: all succeeded, all addresses different'
      return [
        {
          id: 'together-add',
          what: `${TOGETHER} ADDs started together`,
          against: 'the reference chain doing the same',
          goal: 0.5,
          note: faults.theirs.size === 0 ? note : `theirs: ${[...faults.theirs].join('; ')}`,
          ...(faults.ours.size > 0 && { broken: [...faults.ours].join('; ') }),
          ...unzip(pairs),
        },
      ]
    }),
}

async function addTogether(side: Side): Promise<Outcome> {
  const attachments = attachmentsOf(side, TOGETHER)
  const names = attachments.map(({ containerID }) => containerID)
  makeContainers(names)
  try {
    const { whole, each } = await side.host.addTogether(attachments)
    await deleteAll(side.host, attachments, each)
    return { ms: whole.ms, faults: faultsOf(each) }
  } finally {
    deleteNamespaces(names)
  }
}

async function deleteAll(
  host: Host,
  attachments: ReturnType<typeof attachmentsOf>,
  added: readonly Timing[],
): Promise<void> {
  // As a runtime does after a failed ADD too (CNI SPEC 1.0.0, section 2, DEL).
  for (const [index, attachment] of attachments.entries()) await host.del(attachment, added[index]?.result)
}

function faultsOf(each: readonly Timing[]): string[] {
  const failures = each.flatMap(({ failure }) => failure ?? [])
  const addresses = each.flatMap(({ result }) => addressOf(result) ?? [])
  const twice = addresses.length - new Set(addresses).size
  return [
    ...(failures.length === 0
      ? []
      : [`${failures.length} of ${each.length} failed, one with ${failures[0]}`]),
    ...(twice === 0 ? [] : [`${twice} addresses given twice`]),
    ...(addresses.length + failures.length === each.length ? [] : ['a result without an address']),
  ]
}

function addressOf(result: unknown): string | undefined {
  return (result as { ips?: { address?: string }[] } | undefined)?.ips?.[0]?.address
}
