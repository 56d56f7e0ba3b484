// SYS-004: `nft` from nftables is installed and new enough.

import { checkItem } from '../../item.ts'
import { judgeProgram } from './program.ts'

// Up to 0.9.8, `nft -f -` opens /dev/stdin by name. open(2) fails with ENXIO if standard input is a socket,
// and Node gives its child processes sockets.
const LEAST = '0.9.9'

export const nftProgramItem = checkItem({
  id: 'SYS-004',
  title: 'nft (nftables) is installed and new enough',
  fault: 'nft (nftables) is missing or too old',
  why: 'Masquerade, published ports and the MSS clamp are nft rules; without nft no ADD succeeds.',
  causes: [
    'nftables is not installed: many distributions install only iptables.',
    'The distribution dates from before 2021: Debian 11 and Enterprise Linux 8 have 0.9.8 and older.',
  ],
  steps: ['apt-get install nftables, or dnf install nftables'],
  needs: ['programs'],
  pre: true,
  judge: ({ programs }) => judgeProgram('nft', programs.nft, LEAST),
})
