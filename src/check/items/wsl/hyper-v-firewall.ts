// WSL-010: the firewall between the LAN and a mirrored WSL.

import { checkItem, type Finding } from '../../item.ts'

const MACHINE = '{40E0AC32-46A5-438A-A0B2-2B479E8F2E90}'

export const hyperVFirewallItem = checkItem({
  id: 'WSL-010',
  title: "Windows' Hyper-V firewall lets Nebula in",
  why: 'In mirrored mode everything from outside passes the Hyper-V firewall, which blocks by default. A lighthouse behind it is found by nobody.',
  causes: ['Mirrored mode was switched on, and no rule was made for Nebula.'],
  steps: [
    `PowerShell as administrator: New-NetFirewallHyperVRule -Name flatnet-nebula -DisplayName "Nebula in WSL" -Direction Inbound -VMCreatorId '${MACHINE}' -Protocol UDP -LocalPorts 4242 -Action Allow`,
    `to see it: Get-NetFirewallHyperVVMSetting -PolicyStore ActiveStore -Name '${MACHINE}'`,
    'to undo it: Remove-NetFirewallHyperVRule -Name flatnet-nebula',
  ],
  needs: ['wsl', 'nebulaConfig'],
  inWslOnly: true,
  judge: ({ wsl: { mode, windowsConfig }, nebulaConfig: { lighthouse, listen } }): Finding => {
    if (mode !== 'mirrored') return { verdict: 'ok', seen: `networking mode ${mode}: it is not in the way` }
    if (windowsConfig?.values.get('wsl2.firewall')?.toLowerCase() === 'false')
      return { verdict: 'ok', seen: `firewall=false in ${windowsConfig.path}` }
    if (lighthouse.amLighthouse !== true)
      return { verdict: 'ok', seen: 'this host is no lighthouse: it opens its own way through the firewall' }
    const port = String(listen.port ?? 4242)
    const next = [
      `PowerShell as administrator: New-NetFirewallHyperVRule -Name flatnet-nebula -DisplayName "Nebula in WSL" -Direction Inbound -VMCreatorId '${MACHINE}' -Protocol UDP -LocalPorts ${port} -Action Allow`,
      `when that was done before: flatnet-cni check --skip WSL-010`,
    ]
    return {
      verdict: 'warn',
      seen: `this lighthouse is behind it; whether UDP ${port} is let in cannot be seen from here`,
      next,
    }
  },
})
