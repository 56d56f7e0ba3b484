// SYS-004: nftables' `nft`.

import { checkItem } from '../../item.ts'
import { judgeProgram } from './program.ts'

// Maps of address and port that dnat takes, and `typeof`, came with nftables 0.9.4 (src/net/port-rules.ts).
const LEAST = '0.9.4'

export const nftProgramItem = checkItem({
  id: 'SYS-004',
  title: 'nft (nftables) is installed and new enough',
  why: 'Masquerade, published ports and the MSS clamp are nft rules; without nft no ADD succeeds.',
  causes: [
    'nftables is not installed: many distributions bring iptables only.',
    'A distribution from before 2020.',
  ],
  steps: ['apt-get install nftables, or dnf install nftables'],
  needs: ['programs'],
  pre: true,
  judge: ({ programs }) => judgeProgram('nft', programs.nft, LEAST),
})
