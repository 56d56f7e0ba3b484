// Invitations that wait: invitation-NAME.json in the office folder, mode 0600, one process each. A process
// that is killed leaves its file, and the next one for the same host goes on from it.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { CniCode, CniError } from '../../cni/error.ts'
import {
  type Invitation,
  invitationText,
  type InvitedHost,
  isSameHost,
  parseInvitation,
} from '../../provision/enrolment/invitation.ts'
import { readText, removeFile, replaceFile } from '../files/atomic.ts'
import { leftTemporaries, removeTemporary } from '../files/temporary.ts'
import { withLock } from '../lock/lock.ts'
import { fateOf, ownMark, pidOf } from '../lock/process-mark.ts'
import type { Office } from './folder.ts'

/** An invitation of this process. */
export interface HeldInvitation {
  readonly invitation: Invitation
  /** An earlier process was killed while it waited. */
  readonly isResumed: boolean
  /** Notes the port that is listened on. @throws CniError IoFailure */
  readonly setPort: (port: number) => void
  /** Ends it: the code opens nothing from now on. @throws CniError IoFailure */
  readonly end: () => void
}

/**
 * Opens an invitation: the one that a killed process left, or a new one.
 * @param now Unix seconds
 * @param make makes a new one, and refuses a host that cannot be invited
 * @throws CniError TryAgainLater when another process waits for this host
 */
export async function openInvitation(
  { folder }: Office,
  host: InvitedHost,
  now: number,
  make: () => Omit<Invitation, 'holder' | 'host'>,
): Promise<HeldInvitation> {
  const path = pathOf(folder, host.name)
  return withLock(folder, () => {
    clearEnded(folder, now)
    for (const left of leftTemporaries(folder)) removeTemporary(left)
    const left = read(path)
    if (left !== undefined && fateOf(left.holder) !== 'ended') throw waitsAlready(left)
    const isResumed = left !== undefined && isSameHost(left.host, host)
    const fresh = isResumed ? left : { ...make(), host }
    let invitation: Invitation = { ...fresh, holder: ownMark() }
    const write = (): void => replaceFile(path, invitationText(invitation), true)
    write()
    return {
      get invitation() {
        return invitation
      },
      isResumed,
      setPort: (port) => {
        if (port === invitation.port) return
        invitation = { ...invitation, port }
        write()
      },
      end: () => removeFile(path),
    }
  })
}

function pathOf(folder: string, name: string): string {
  return join(folder, `invitation-${name}.json`)
}

// A damaged file opens nothing, so it counts for nothing.
function read(path: string): Invitation | undefined {
  const text = readText(path)
  try {
    return text === undefined ? undefined : parseInvitation(text, path)
  } catch (error) {
    if (error instanceof CniError) return undefined
    throw error
  }
}

// Codes that nothing waits for any more do not stay on the disk.
function clearEnded(folder: string, now: number): void {
  for (const name of readdirSync(folder).filter((each) => /^invitation-.*\.json$/.test(each))) {
    const path = join(folder, name)
    const left = read(path)
    if (left === undefined || (left.until <= now && fateOf(left.holder) !== 'runs')) removeFile(path)
  }
}

function waitsAlready({ host, holder, until }: Invitation): CniError {
  const pid = pidOf(holder)
  const who = pid === undefined ? 'another process' : `process ${String(pid)}`
  return new CniError(
    CniCode.TryAgainLater,
    'invitation waits already',
    `${who} waits for ${host.name} until ${new Date(until * 1000).toISOString()}: use its code, ` +
      'or end it with Ctrl-C first',
  )
}
