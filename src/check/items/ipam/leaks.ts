// IPAM-003: nothing is held for containers that are gone.

import { checkItem } from '../../item.ts'

// More of them than fit on a screen say nothing that the first ones do not.
const SHOWN = 5

export const leaks = checkItem({
  id: 'IPAM-003',
  title: 'no address or link is held for a container that is gone',
  why: 'Left-over leases use up the host subnet until no container can start; left-over links use up the bridge.',
  causes: [
    'A runtime was killed, or does not call DEL (ctr run --detach).',
    'The machine was switched off while containers ran.',
  ],
  steps: [
    'flatnet-cni check --only IPAM-003 --fix',
    'flatnet-cni gc --dry-run   # what nobody seems to use any more as well: namespaces without a process',
  ],
  needs: ['ipam'],
  judge: ({ ipam: { leaks: found } }) => {
    if (found.length === 0) return { verdict: 'ok', seen: 'every lease and link has its container' }
    const shown = found.slice(0, SHOWN).map(({ what, why }) => `${what}: ${why}`)
    const more = found.length > SHOWN ? [`and ${String(found.length - SHOWN)} more`] : []
    return {
      verdict: 'warn',
      seen: `${String(found.length)} left behind; ${[...shown, ...more].join('; ')}`,
      next: ['flatnet-cni check --only IPAM-003 --fix'],
    }
  },
  fix: (_facts, finding) =>
    finding.verdict === 'warn'
      ? {
          kind: 'gc',
          arguments: [],
          what: 'remove what is left of containers that are proven to be gone',
          undo: 'cannot be undone; whatever may still be in use stays',
        }
      : undefined,
})
