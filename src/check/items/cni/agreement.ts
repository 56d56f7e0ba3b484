// CNI-011: all networks of this host keep their leases in one place.

import { checkItem } from '../../item.ts'

export const agreement = checkItem({
  id: 'CNI-011',
  title: 'networks agree in state directory and pool',
  why: 'Leases of two directories know nothing of each other: two containers get the same address.',
  causes: ['One conflist overrides what the others take from the settings file.'],
  steps: ['set it in /etc/flatnet/flatnet.json and remove it from the conflists'],
  needs: ['conflists'],
  after: ['CNI-002'],
  judge: ({ conflists: { files } }) => {
    const ours = files.flatMap(({ path, settings }) =>
      settings === undefined ? [] : [{ path, ...settings }],
    )
    const [first, ...rest] = ours
    if (first === undefined) return []
    const different = rest.flatMap((other) =>
      (['stateDir', 'pools'] as const)
        .filter((key) => other[key] !== first[key])
        .map((key) => ({
          verdict: 'fail' as const,
          subject: other.path,
          seen: `${key === 'pools' ? 'pool' : key} is ${other[key]}, and ${first[key]} in ${first.path}`,
          next: [`set it in /etc/flatnet/flatnet.json and remove it from ${other.path} and ${first.path}`],
        })),
    )
    if (different.length > 0) return different
    return { verdict: 'ok', seen: `leases in ${first.stateDir}, pool ${first.pools}` }
  },
})
