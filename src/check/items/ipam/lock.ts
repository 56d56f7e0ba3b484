// IPAM-010: the state directory's lock is not stuck.

import { checkItem } from '../../item.ts'

// A holder keeps the lock for milliseconds and renews it every second (src/state/lock/lock.ts).
const SUSPECT_SECONDS = 5

export const lock = checkItem({
  id: 'IPAM-010',
  title: 'state directory is not locked',
  fault: 'state directory stays locked',
  why: 'While the lock is held, no container can start or stop on this host.',
  causes: ['A call hangs on a slow disk, or was stopped (SIGSTOP).'],
  steps: ['pgrep -a flatnet-cni', 'kill the one that hangs, if there is one'],
  needs: ['ipam'],
  judge: ({ ipam: { lock: held } }) => {
    if (held === undefined) return { verdict: 'ok', seen: 'the lock is free' }
    const { path, ageSeconds, pid, fate } = held
    if (fate === 'ended')
      return { verdict: 'ok', seen: 'the holder has exited; the next call takes the lock' }
    if (ageSeconds < SUSPECT_SECONDS) return { verdict: 'ok', seen: 'a running call holds the lock' }
    const renewed = `last renewed ${String(ageSeconds)} s ago`
    if (pid === undefined || fate === 'unknown') {
      return { verdict: 'warn', subject: path, seen: `${renewed}: the holder hangs, or was killed` }
    }
    return {
      verdict: 'warn',
      subject: path,
      seen: `${renewed}: the holder, process ${String(pid)}, hangs`,
      next: [
        `ps -o pid,stat,wchan,args -p ${String(pid)}`,
        `kill ${String(pid)}   # the next call takes the lock`,
      ],
    }
  },
})
