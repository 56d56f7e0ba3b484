// Decides whether the attachment of a record can still exist. It counts as dead only on proof, because giving
// an address twice costs more than giving it late.

import {
  occupiedNetns,
  isSameNetns,
  netnsIdentity,
  processStartTime,
  linkExists,
  bootId,
} from '../kernel/presence.ts'
import { CniCode, CniError } from '../cni/error.ts'
import type { AttachmentRecord, NetnsIdentity, ProcessIdentity } from '../net/attachment.ts'

/** 'adding': the process of the ADD still runs. 'alive': not proven dead. */
type Liveness = 'alive' | 'adding' | 'dead'

/**
 * Returns the liveness of a record's attachment. Call it in the namespace that contains the record's host
 * link.
 */
export function livenessOf(record: AttachmentRecord): Liveness {
  if (record.bootId !== bootId()) return 'dead'
  if (record.phase === 'adding' && isRunning(record.owner)) return 'adding'
  // A network namespace that ends takes its end of the veth along, and with it the other end:
  // network_namespaces(7).
  if (record.hostLink !== '') return linkExists(record.hostLink) ? 'alive' : 'dead'
  if (record.phase === 'adding') return 'dead'
  return isBehind(record.netns) || hasProcess(record.netns) ? 'alive' : 'dead'
}

/** Returns whether a process runs. */
export function isRunning(owner: ProcessIdentity): boolean {
  return processStartTime(owner.pid) === owner.startTime
}

function isBehind(netns: NetnsIdentity): boolean {
  try {
    const found = netnsIdentity(netns.path)
    return found !== undefined && isSameNetns(found, netns)
  } catch (error) {
    if (error instanceof CniError && error.code === CniCode.InvalidNetns) return false
    throw error
  }
}

// The path may have been removed while the container's processes still run in the namespace.
function hasProcess(netns: NetnsIdentity): boolean {
  return occupiedNetns().some((occupied) => isSameNetns(occupied, netns))
}
