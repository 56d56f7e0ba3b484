// IPAM-003: no address or link is held for a dead container.

import { checkItem } from '../../item.ts'

// The first few are enough to show the pattern.
const SHOWN = 5

export const leaks = checkItem({
  id: 'IPAM-003',
  title: 'dead containers hold no address or link',
  fault: 'dead containers still hold addresses or links',
  why:
    'Leftover leases use up the host subnet until no container can start; ' +
    'leftover links use up the ports of the bridge.',
  causes: [
    'A runtime was killed, or does not call DEL (ctr run --detach).',
    'The machine was switched off while containers ran.',
  ],
  steps: [
    'flatnet-cni check --only IPAM-003 --fix',
    'flatnet-cni gc --dry-run   # also lists what only seems unused: namespaces without a process',
  ],
  needs: ['ipam'],
  judge: ({ ipam: { leaks: found } }) => {
    if (found.length === 0) return { verdict: 'ok', seen: 'every lease and link belongs to a container' }
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
          what: 'remove what is left of containers that are proven to be dead',
          undo: 'cannot be undone; what may still be in use stays',
        }
      : undefined,
})
