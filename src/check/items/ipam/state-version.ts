// IPAM-001: this version understands the state directory.

import { checkItem } from '../../item.ts'

export const stateVersion = checkItem({
  id: 'IPAM-001',
  title: 'state directory was written by this version',
  fault: 'state directory was written by another version',
  why:
    'This version cannot read the records of another version: DEL leaves their addresses leased, ' +
    'and ADD may refuse to start.',
  causes: ['An older flatnet-cni replaced a newer one.'],
  steps: ['install the newer flatnet-cni again'],
  needs: ['ipam'],
  judge: ({ ipam: { stateDir, foreign } }) => {
    const [first] = foreign
    if (first === undefined) return { verdict: 'ok', seen: `every file in ${stateDir} has this version` }
    return {
      verdict: 'fail',
      subject: stateDir,
      seen:
        `${String(foreign.length)} files have another version; ` +
        `the first is ${first.path} (version ${first.version})`,
      next: [
        'install the newer flatnet-cni again, stop the containers with it, then return to this version',
        `or, after a reboot, while no container runs: mv ${stateDir} ${stateDir}.old`,
      ],
    }
  },
})
