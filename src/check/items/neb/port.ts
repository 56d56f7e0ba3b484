// NEB-021: no port is shared with a Nebula on Windows.

import { checkItem } from '../../item.ts'

// What Nebula's own example file has, and hence most Windows.
const USUAL = 4242

export const port = checkItem({
  id: 'NEB-021',
  title: 'nebula has a UDP port of its own beside Windows',
  why: 'In mirrored mode WSL2 and Windows share one space of ports: of two Nebulas on one port only the first gets packets.',
  causes: ['Nebula runs on Windows as well, with the port of the example file.'],
  steps: ['set listen.port: 4243 in the configuration of Nebula in WSL2', 'systemctl restart nebula@config'],
  needs: ['nebulaConfig', 'wsl', 'udpPort'],
  after: ['NEB-006', 'WSL-012'],
  inWslOnly: true,
  judge: ({ nebulaConfig: { listen, lighthouse }, wsl: { kind, mode }, udpPort }) => {
    if (kind !== 'wsl2' || mode !== 'mirrored') {
      return { verdict: 'skip', seen: 'only in the mirrored mode of WSL2 ports are shared with Windows' }
    }
    // The others find a lighthouse by its port.
    if (lighthouse.amLighthouse === true)
      return { verdict: 'skip', seen: 'this host is a lighthouse, whose port is not changed for that' }
    const seen = `listen.port is ${String(listen.port ?? 0)}`
    const { isNebulaRunning, isTakenHere, refusal } = udpPort
    if (isNebulaRunning ? isTakenHere : !isTakenHere && refusal === undefined)
      return { verdict: 'ok', seen: `${seen}, and Windows lets Nebula here have it` }
    if (listen.port !== USUAL) return { verdict: 'ok', seen }
    return { verdict: 'warn', seen: `${seen}, which a Nebula on Windows would use too` }
  },
})
