// WSL-012: Windows does not occupy Nebula's port, which mirrored WSL shares with it.

import { checkItem, type Finding } from '../../item.ts'

export const udpPortItem = checkItem({
  id: 'WSL-012',
  title: "Nebula's port is free on Windows",
  fault: "Nebula's port is taken by Windows",
  why:
    'In mirrored mode Windows and WSL share ports. A Nebula on Windows, ' +
    'or a range that Windows has reserved, keeps Nebula from starting here.',
  causes: [
    'Nebula runs on Windows with the same listen.port.',
    'Windows has reserved a range of ports that includes it.',
  ],
  steps: [
    'set listen.port: 4243 in the Nebula configuration here, and restart it',
    'PowerShell: Get-NetUDPEndpoint -LocalPort 4242; netsh interface ipv4 show excludedportrange ' +
      'protocol=udp',
  ],
  needs: ['wsl', 'udpPort'],
  inWslOnly: true,
  judge: ({ wsl: { mode }, udpPort: { port, isNebulaRunning, isTakenHere, refusal } }): Finding => {
    if (port === undefined) return { verdict: 'ok', seen: 'Nebula takes any port' }
    if (isNebulaRunning) return { verdict: 'ok', seen: `Nebula has UDP ${String(port)}` }
    if (isTakenHere)
      return {
        verdict: 'fail',
        fault: "Nebula's port is taken by another program",
        seen: `another program on this host uses UDP ${String(port)}`,
        next: [`ss -ulpn sport = :${String(port)}`],
      }
    if (refusal === undefined) return { verdict: 'ok', seen: `UDP ${String(port)} is free` }
    const who = mode === 'mirrored' ? 'Windows uses or has reserved it' : 'the kernel refuses it'
    return {
      verdict: 'fail',
      seen: `UDP ${String(port)}: ${refusal}; no program on this host uses it, so ${who}`,
    }
  },
})
