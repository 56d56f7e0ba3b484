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
  needs: ['nebulaConfig', 'wsl'],
  after: ['NEB-006'],
  judge: ({ nebulaConfig: { listen }, wsl: { kind, mode } }) => {
    if (kind !== 'wsl2' || mode !== 'mirrored') {
      return { verdict: 'skip', seen: 'only in the mirrored mode of WSL2 ports are shared with Windows' }
    }
    const seen = `listen.port is ${String(listen.port ?? 0)}`
    if (listen.port !== USUAL) return { verdict: 'ok', seen }
    return { verdict: 'warn', seen: `${seen}, which a Nebula on Windows would use too` }
  },
})
