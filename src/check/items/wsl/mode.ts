// WSL-001: WSL is version 2, in a usable networking mode.

import { checkItem, type Finding } from '../../item.ts'

export const modeItem = checkItem({
  id: 'WSL-001',
  title: 'WSL is version 2, in a usable networking mode',
  fault: 'WSL networking cannot be used',
  why:
    'WSL 1 has no Linux kernel, so no links, nft or tun. In mode virtioproxy nothing reaches this ' +
    'host from outside; in mode none there is no network at all.',
  causes: [
    'The distribution was imported as version 1.',
    'WSL fell back to virtioproxy because its NAT could not be set up.',
    'networkingMode=none in .wslconfig.',
  ],
  steps: [
    'PowerShell: wsl --list --verbose; wsl --set-version DISTRIBUTION 2',
    'in %UserProfile%\\.wslconfig: [wsl2] networkingMode=mirrored (Windows 11 22H2 or later) or ' +
      'networkingMode=nat',
    'PowerShell: wsl --shutdown',
  ],
  needs: ['wsl'],
  pre: true,
  judge: ({ wsl: { kind, mode, release } }): Finding => {
    if (kind === 'none') return { verdict: 'skip', seen: 'this host is not WSL' }
    if (kind === 'wsl1')
      return { verdict: 'fail', fault: 'WSL is version 1', seen: `kernel ${release} is WSL 1` }
    if (mode === 'none') return { verdict: 'fail', seen: 'networking mode none' }
    if (mode === 'virtioproxy')
      return {
        verdict: 'warn',
        fault: 'other hosts cannot reach this one',
        seen: 'networking mode virtioproxy: this host reaches others, but they do not reach it',
      }
    return {
      verdict: 'ok',
      seen: `networking mode ${mode === '' ? 'unknown' : mode}, kernel ${release}`,
    }
  },
})
