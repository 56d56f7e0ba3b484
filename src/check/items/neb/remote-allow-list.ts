// NEB-013: container addresses are never taken for ways to a peer.

import { parsePrefix } from '../../../addr/prefix.ts'
import { allowsAddress } from '../../allow-list.ts'
import { checkItem } from '../../item.ts'

export const remoteAllowList = checkItem({
  id: 'NEB-013',
  title: 'the pool is never used as a way to peers',
  why: 'A tunnel through the addresses that it carries swallows itself: handshakes go round in circles and the peer seems away.',
  causes: ['lighthouse.remote_allow_list is missing, or leaves the pool out.'],
  steps: [
    "in the configuration of Nebula, lighthouse.remote_allow_list: {'10.87.0.0/16': false}",
    'systemctl reload nebula@config',
  ],
  needs: ['nebulaConfig', 'nebula'],
  after: ['NEB-006'],
  judge: ({ nebulaConfig: { lighthouse }, nebula: { pools } }) => {
    const open = pools.filter((text) => {
      const pool = parsePrefix(text)
      return pool !== undefined && allowsAddress(lighthouse.remoteAllowList, pool)
    })
    if (open.length === 0) return { verdict: 'ok', seen: `${pools.join(' and ')} is denied` }
    const list = open.map((pool) => `'${pool}': false`).join(', ')
    return {
      verdict: 'warn',
      seen: `${open.join(' and ')} is not denied`,
      next: [
        `in the configuration of Nebula, lighthouse.remote_allow_list: {${list}}`,
        'systemctl reload nebula@config',
      ],
    }
  },
})
