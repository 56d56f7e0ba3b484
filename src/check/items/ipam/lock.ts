// IPAM-010: nobody sits on the lock.

import { checkItem } from '../../item.ts'

// A holder renews the lock every second and holds it for milliseconds; after 5 s the next call takes it (src/state/lock.ts).
const STALE_SECONDS = 5

export const lock = checkItem({
  id: 'IPAM-010',
  title: 'state directory is not locked',
  why: 'While the lock is held no container can start or stop on this host.',
  causes: ['A call was killed while it held the lock, or hangs on a slow disk.'],
  steps: ['pgrep -a flatnet-cni', 'end a call that hangs; nothing needs to be done when there is none'],
  needs: ['ipam'],
  judge: ({ ipam: { lock: held } }) => {
    if (held === undefined) return { verdict: 'ok', seen: 'the lock is free' }
    const { path, ageSeconds } = held
    if (ageSeconds < STALE_SECONDS)
      return { verdict: 'ok', seen: 'the lock is held just now by a call at work' }
    return {
      verdict: 'warn',
      subject: path,
      seen: `was renewed ${String(ageSeconds)} s ago: its holder was killed or hangs; the next call waits 5 s for it`,
      next: ['pgrep -a flatnet-cni', 'end a call that hangs; nothing needs to be done when there is none'],
    }
  },
})
