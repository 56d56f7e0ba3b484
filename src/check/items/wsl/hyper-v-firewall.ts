// WSL-010: the Hyper-V firewall between the LAN and a mirrored WSL lets Nebula in.

import { checkItem, type Finding } from '../../item.ts'

const MACHINE = '{40E0AC32-46A5-438A-A0B2-2B479E8F2E90}'

export const hyperVFirewallItem = checkItem({
  id: 'WSL-010',
  title: "Windows' Hyper-V firewall lets Nebula in",
  fault: "Windows' Hyper-V firewall may block Nebula",
  why:
    'In mirrored mode all inbound traffic passes the Hyper-V firewall, which blocks by default. ' +
    'No host can find a lighthouse behind it.',
  causes: ['Mirrored mode was enabled, and no rule was made for Nebula.'],
  steps: [
    'PowerShell as administrator: New-NetFirewallHyperVRule -Name flatnet-nebula -DisplayName "Nebula ' +
      `in WSL" -Direction Inbound -VMCreatorId '${MACHINE}' -Protocol UDP -LocalPorts 4242 -Action Allow`,
    `to see it: Get-NetFirewallHyperVVMSetting -PolicyStore ActiveStore -Name '${MACHINE}'`,
    'to undo it: Remove-NetFirewallHyperVRule -Name flatnet-nebula',
  ],
  needs: ['wsl', 'nebulaConfig'],
  inWslOnly: true,
  judge: ({ wsl: { mode, windowsConfig }, nebulaConfig: { lighthouse, listen } }): Finding => {
    if (mode !== 'mirrored')
      return { verdict: 'ok', seen: `networking mode ${mode}, which it does not filter` }
    if (windowsConfig?.values.get('wsl2.firewall')?.toLowerCase() === 'false')
      return { verdict: 'ok', seen: `firewall=false in ${windowsConfig.path}` }
    if (lighthouse.amLighthouse !== true)
      return { verdict: 'ok', seen: 'this host is not a lighthouse: its outbound packets open the firewall' }
    const port = String(listen.port ?? 4242)
    const next = [
      'PowerShell as administrator: New-NetFirewallHyperVRule -Name flatnet-nebula -DisplayName "Nebula ' +
        `in WSL" -Direction Inbound -VMCreatorId '${MACHINE}' -Protocol UDP -LocalPorts ${port} ` +
        '-Action Allow',
      `if that rule exists already: flatnet-cni check --skip WSL-010`,
    ]
    return {
      verdict: 'warn',
      seen: `this lighthouse is behind it, and WSL cannot see whether it lets UDP ${port} in`,
      next,
    }
  },
})
