// Determines which attachments are no longer in use, and gives the proof.

import type { AttachmentRecord } from '../../net/attachment.ts'
import { isRunning, livenessOf } from '../../state/liveness.ts'
import {
  bootId,
  isNamedByProcess,
  isSameNetns,
  linkExists,
  occupiedNetns,
  sinceBootMs,
  startedAtMs,
} from '../../kernel/presence.ts'

/** How long a runtime may take between making a namespace and starting a process in it. */
const GRACE_MS = 60_000

interface StaleOptions {
  /** Whether an empty namespace alone proves nothing, because something may keep it for later. */
  readonly onlyProven?: boolean
  /** Milliseconds since boot, for tests. */
  readonly nowMs?: number
}

/**
 * Returns a test that says why an attachment is stale, or undefined if it may be in use. The test
 * looks at processes once, and only when an attachment requires it. It does not depend on the
 * time of day, which can be set.
 */
export function makeStaleTest({ onlyProven = false, nowMs = sinceBootMs() }: StaleOptions = {}): (
  record: AttachmentRecord,
) => string | undefined {
  let occupied: ReturnType<typeof occupiedNetns> | undefined
  const isOccupied = ({ netns }: AttachmentRecord): boolean => {
    occupied ??= occupiedNetns()
    return occupied.some((each) => isSameNetns(each, netns))
  }
  return (record) => {
    const liveness = livenessOf(record)
    if (liveness === 'adding') return undefined
    if (liveness === 'dead') return whyDead(record)
    // conmon has the container's ID among its arguments, and may still be about to start it.
    const hasStarter = record.starter === undefined || isRunning(record.starter)
    if (!hasStarter && !isOccupied(record) && !isNamedByProcess(record.containerID))
      return `what started it has ended, and no process is in its namespace ${record.netns.path}`
    // The age of the process that did the ADD is an upper bound for that of the attachment.
    if (onlyProven || nowMs - startedAtMs(record.owner) < GRACE_MS) return undefined
    if (isOccupied(record)) return undefined
    return (
      `no process is in its namespace ${record.netns.path}, ` +
      `and the runtime does not list it (added ${record.since})`
    )
  }
}

function whyDead(record: AttachmentRecord): string {
  if (record.bootId !== bootId()) return 'it is from before this boot'
  if (record.hostLink !== '' && !linkExists(record.hostLink)) return `its link ${record.hostLink} is gone`
  return record.phase === 'adding' ? 'its ADD was killed' : `its namespace ${record.netns.path} is gone`
}
