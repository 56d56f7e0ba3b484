// WSL-001: which WSL, and how it is connected.

import { checkItem, type Finding } from '../../item.ts'

export const modeItem = checkItem({
  id: 'WSL-001',
  title: 'WSL is version 2 in a networking mode that can be used',
  why: 'WSL 1 has no Linux kernel and so no links, no nft and no tun. In the mode virtioproxy nothing reaches this host from outside, in the mode none nothing does at all.',
  causes: [
    'The distribution was imported as version 1.',
    'WSL fell back to virtioproxy because its NAT could not be set up.',
    'networkingMode=none in .wslconfig.',
  ],
  steps: [
    'PowerShell: wsl --list --verbose; wsl --set-version DISTRIBUTION 2',
    'in %UserProfile%\\.wslconfig: [wsl2] networkingMode=mirrored (Windows 11 22H2 or later) or networkingMode=nat',
    'PowerShell: wsl --shutdown',
  ],
  needs: ['wsl'],
  pre: true,
  judge: ({ wsl: { kind, mode, release } }): Finding => {
    if (kind === 'none') return { verdict: 'skip', seen: 'this host is not WSL' }
    if (kind === 'wsl1') return { verdict: 'fail', seen: `kernel ${release} is WSL 1` }
    if (mode === 'none') return { verdict: 'fail', seen: 'networking mode none' }
    if (mode === 'virtioproxy')
      return {
        verdict: 'warn',
        seen: 'networking mode virtioproxy: other hosts are reached, and do not reach this one',
      }
    return {
      verdict: 'ok',
      seen: `networking mode ${mode === '' ? 'cannot be told' : mode}, kernel ${release}`,
    }
  },
})
