// NEB-021: WSL and Windows do not run Nebula on the same port.

import { NEBULA } from '../../../nebula/service.ts'
import { checkItem } from '../../item.ts'

// The port in Nebula's example configuration, and so on most Windows machines.
const USUAL = 4242

export const port = checkItem({
  id: 'NEB-021',
  title: 'Nebula has another UDP port than on Windows',
  fault: 'Nebula may share its UDP port with Windows',
  why:
    'In mirrored mode WSL2 and Windows share one range of ports: of two Nebulas on one port, ' +
    'only the first receives packets.',
  causes: ['Nebula also runs on Windows, with the port of the example file.'],
  steps: ['set listen.port: 4243 in the configuration of Nebula in WSL2', NEBULA.restart],
  needs: ['nebulaConfig', 'wsl', 'udpPort'],
  after: ['NEB-006', 'WSL-012'],
  inWslOnly: true,
  judge: ({ nebulaConfig: { listen, lighthouse }, wsl: { kind, mode }, udpPort }) => {
    if (kind !== 'wsl2' || mode !== 'mirrored') {
      return { verdict: 'skip', seen: 'ports are shared with Windows only in the mirrored mode of WSL2' }
    }
    // The other hosts find a lighthouse by its port.
    if (lighthouse.amLighthouse === true)
      return { verdict: 'skip', seen: 'this host is a lighthouse, and other hosts know its port' }
    const seen = `listen.port is ${String(listen.port ?? 0)}`
    const { isNebulaRunning, isTakenHere, refusal } = udpPort
    if (isNebulaRunning ? isTakenHere : !isTakenHere && refusal === undefined)
      return { verdict: 'ok', seen: `${seen}, and Nebula here has it` }
    if (listen.port !== USUAL) return { verdict: 'ok', seen }
    return { verdict: 'warn', seen: `${seen}, which a Nebula on Windows would use too` }
  },
})
