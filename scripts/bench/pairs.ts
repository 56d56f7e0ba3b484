// Alternation: ours, theirs, ours, theirs, so that whatever else the machine does meets both sides alike.

import type { Host } from './host.ts'
import { deleteNamespaces, makeContainers, netnsPath } from './links.ts'
import type { Sample } from './row.ts'
import type { Attachment, Measured, Network } from './task.ts'

/** One side of a comparison. */
export interface Side {
  readonly host: Host
  readonly network: Network
  /** First TCP port to publish; every attachment takes the next one. */
  readonly firstPort?: number
}

/** Measurements, pair by pair. */
export interface Pairs {
  readonly ours: readonly Sample[]
  readonly theirs: readonly Sample[]
}

export interface AttachmentPairs {
  readonly add: Pairs
  readonly del: Pairs
}

// The first ADD on a host makes the bridge and the tables; what is compared is every later one.
const WARM_UP = 2

/** What is done off the clock. */
export interface Preparation {
  /** Attachments of each side that are there all the time; 0 when left out. They go with their host. */
  readonly held?: number
  /** Done before each of our ADDs. */
  readonly beforeEach?: () => Promise<unknown>
}

/** `runs` pairs of ADD and DEL after two that do not count, each attachment in a namespace of its own. */
export async function measureAttachments(
  ours: Side,
  theirs: Side,
  runs: number,
  { held = 0, beforeEach }: Preparation = {},
): Promise<AttachmentPairs> {
  const rounds = held + WARM_UP + runs
  const [ourOwn, theirOwn] = [attachmentsOf(ours, rounds), attachmentsOf(theirs, rounds)]
  const names = [...ourOwn, ...theirOwn].map(({ containerID }) => containerID)
  makeContainers(names)
  const add: [Sample, Sample][] = []
  const del: [Sample, Sample][] = []
  try {
    for (const [round, our] of ourOwn.entries()) {
      const their = theirOwn[round]
      if (their === undefined) break
      await beforeEach?.()
      const added: [Measured, Measured] = [await ours.host.add(our), await theirs.host.add(their)]
      if (round < held) continue
      const deleted: [Measured, Measured] = [
        await ours.host.del(our, added[0].result),
        await theirs.host.del(their, added[1].result),
      ]
      if (round < held + WARM_UP) continue
      add.push(added)
      del.push(deleted)
    }
  } finally {
    deleteNamespaces(names)
  }
  return { add: unzip(add), del: unzip(del) }
}

/** Attachments of a side, named after its host; their namespaces are not made yet. */
export function attachmentsOf({ host, network, firstPort }: Side, count: number): readonly Attachment[] {
  return Array.from({ length: count }, (_, index) => {
    const containerID = `${host.name}-c${index}`
    return {
      network,
      containerID,
      netns: netnsPath(containerID),
      ...(firstPort !== undefined && { port: firstPort + index }),
    }
  })
}

/** Pairs as two lists. */
export function unzip(pairs: readonly (readonly [Sample, Sample])[]): Pairs {
  return { ours: pairs.map(([our]) => sampleOf(our)), theirs: pairs.map(([, their]) => sampleOf(their)) }
}

// Measured carries results too, which are nobody's business in a report.
function sampleOf({ ms, cpuMs }: Sample): Sample {
  return { ms, cpuMs }
}
