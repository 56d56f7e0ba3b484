// NEB-013: Nebula never uses container addresses as underlay addresses of a peer.

import { parsePrefix } from '../../../addr/prefix.ts'
import { NEBULA } from '../../../nebula/service.ts'
import { allowsAddress } from '../../reading/allow-list.ts'
import { checkItem } from '../../item.ts'

export const remoteAllowList = checkItem({
  id: 'NEB-013',
  title: 'Nebula never reaches peers through the pool',
  fault: 'Nebula may try to reach peers through the pool',
  why:
    'A tunnel through addresses that it carries itself swallows its own packets: ' +
    'handshakes go round in circles, and the peer seems offline.',
  causes: ['lighthouse.remote_allow_list is missing, or does not deny the pool.'],
  steps: [
    "in the configuration of Nebula, lighthouse.remote_allow_list: {'10.87.0.0/16': false}",
    NEBULA.reload,
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
      seen: `${open.join(' and ')} is not denied in lighthouse.remote_allow_list`,
      next: [`in the configuration of Nebula, lighthouse.remote_allow_list: {${list}}`, NEBULA.reload],
    }
  },
})
