// Alternates the sides: ours, theirs, ours, theirs, so that other load on the machine affects both
// sides equally.

import type { Host } from '../host/host.ts'
import { deleteNamespaces, makeContainers, netnsPath } from '../host/links.ts'
import type { Sample } from '../row.ts'
import type { Attachment, Measured, Network } from './task.ts'

/** One side of a comparison. */
export interface Side {
  readonly host: Host
  readonly network: Network
  /** The first TCP port to publish; every attachment takes the next one. */
  readonly firstPort?: number
}

/** Measurements, pair by pair. */
interface Pairs {
  readonly ours: readonly Sample[]
  readonly theirs: readonly Sample[]
}

interface AttachmentPairs {
  readonly add: Pairs
  readonly del: Pairs
}

// The first ADD on a host creates the bridge and the tables; the comparison covers all later ones.
const WARM_UP = 2

/** Preparations outside the measured time. */
interface Preparation {
  /** Permanent attachments on each side; 0 by default. They are removed with their host. */
  readonly held?: number
  /** Called before each of our ADDs. */
  readonly beforeEach?: () => Promise<unknown>
}

/** Measures `runs` pairs of ADD and DEL after two warm-up pairs, each attachment in its own namespace. */
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

/** Returns attachments of a side, named after its host; their namespaces do not exist yet. */
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

/** Splits pairs into two lists. */
export function unzip(pairs: readonly (readonly [Sample, Sample])[]): Pairs {
  return { ours: pairs.map(([our]) => sampleOf(our)), theirs: pairs.map(([, their]) => sampleOf(their)) }
}

// Drops the results from Measured, which do not belong in a report.
function sampleOf({ ms, cpuMs }: Sample): Sample {
  return { ms, cpuMs }
}
