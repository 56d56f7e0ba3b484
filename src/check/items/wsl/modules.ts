// WSL-002: the WSL kernel has its modules.

import { checkItem } from '../../item.ts'

export const modulesItem = checkItem({
  id: 'WSL-002',
  title: 'WSL kernel has its modules',
  fault: 'WSL kernel lacks its modules',
  why:
    'Since 6.6.36, bridge, tun and most of nft are modules on a separate disk; ' +
    'a custom kernel without that disk lacks them.',
  causes: [
    'kernel= in .wslconfig without kernelModules=.',
    'A kernel that was built without `make modules`.',
  ],
  steps: [
    'remove kernel= from %UserProfile%\\.wslconfig, or set kernelModules= to the VHDX that was built with it',
    'PowerShell: wsl --update; wsl --shutdown',
  ],
  needs: ['wsl', 'kernel'],
  after: ['SYS-005', 'SYS-006', 'SYS-007'],
  pre: true,
  inWslOnly: true,
  judge: ({ wsl, kernel }) => {
    // Kernels before 6.6.36, and many custom ones, have all of this built in.
    if ([...kernel.links, ...kernel.rules].every(({ works }) => works))
      return { verdict: 'ok', seen: `kernel ${kernel.release} has all that is needed` }
    const own = wsl.windowsConfig?.values.get('wsl2.kernel')
    const whose = own === undefined ? '' : `, kernel=${own} in ${wsl.windowsConfig?.path ?? ''}`
    return kernel.hasModules
      ? { verdict: 'ok', seen: `/lib/modules/${kernel.release}${whose}` }
      : { verdict: 'warn', seen: `there is no /lib/modules/${kernel.release}${whose}` }
  },
})
