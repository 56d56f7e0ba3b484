// Which attachments nobody uses any more, and how that is known.

import type { AttachmentRecord } from '../net/attachment.ts'
import { bootId, isSameNetns, judge, linkExists, occupiedNetns } from '../state/liveness.ts'

/** Between making a namespace and starting something in it a runtime may take this long. */
const GRACE_MS = 60_000

/**
 * A test that says why an attachment is stale, or undefined when it may be in use. Processes are looked at once, and not
 * before an attachment asks for it.
 * @param onlyProven an empty namespace proves nothing: somebody may keep it for later
 */
export function makeStaleTest(
  now: Date,
  onlyProven = false,
): (record: AttachmentRecord) => string | undefined {
  let occupied: ReturnType<typeof occupiedNetns> | undefined
  return (record) => {
    const verdict = judge(record)
    if (verdict === 'adding') return undefined
    if (verdict === 'dead') return whyDead(record)
    if (onlyProven || now.getTime() - Date.parse(record.since) < GRACE_MS) return undefined
    occupied ??= occupiedNetns()
    if (occupied.some((netns) => isSameNetns(netns, record.netns))) return undefined
    return `no process is in its namespace ${record.netns.path}, and the runtime does not list it (added ${record.since})`
  }
}

function whyDead(record: AttachmentRecord): string {
  if (record.bootId !== bootId()) return 'it is from before this boot'
  if (record.hostLink !== '' && !linkExists(record.hostLink)) return `its link ${record.hostLink} is gone`
  return record.phase === 'adding' ? 'its ADD was killed' : `its namespace ${record.netns.path} is gone`
}
