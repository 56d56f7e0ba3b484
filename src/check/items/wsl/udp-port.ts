// WSL-012: one set of ports for Windows and WSL.

import { checkItem, type Finding } from '../../item.ts'

export const udpPortItem = checkItem({
  id: 'WSL-012',
  title: "Nebula's port is not taken by Windows",
  why: 'In mirrored mode Windows and WSL share their ports. Nebula on Windows, or a range that Windows has reserved, keeps Nebula from starting here.',
  causes: [
    'Nebula runs on Windows with the same listen.port.',
    'Windows has excluded a range of ports that holds it.',
  ],
  steps: [
    'set listen.port: 4243 in the Nebula configuration here, and restart it',
    'PowerShell: Get-NetUDPEndpoint -LocalPort 4242; netsh interface ipv4 show excludedportrange protocol=udp',
  ],
  needs: ['wsl', 'udpPort'],
  inWslOnly: true,
  judge: ({ wsl: { mode }, udpPort: { port, isNebulaRunning, isTakenHere, refusal } }): Finding => {
    if (port === undefined) return { verdict: 'ok', seen: 'Nebula takes any port' }
    if (isNebulaRunning) return { verdict: 'ok', seen: `Nebula has UDP ${String(port)}` }
    if (isTakenHere)
      return {
        verdict: 'fail',
        seen: `another program of this host has UDP ${String(port)}`,
        next: [`ss -ulpn sport = :${String(port)}`],
      }
    if (refusal === undefined) return { verdict: 'ok', seen: `UDP ${String(port)} is free` }
    const who = mode === 'mirrored' ? 'Windows has it or has reserved it' : 'the kernel refuses it'
    return {
      verdict: 'fail',
      seen: `UDP ${String(port)}: ${refusal}; no program of this host has it, so ${who}`,
    }
  },
})
