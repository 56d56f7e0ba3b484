// IPAM-001: the state directory is one that this version understands.

import { checkItem } from '../../item.ts'

export const stateVersion = checkItem({
  id: 'IPAM-001',
  title: 'state directory is of this version',
  why: 'Records of another version are not understood: DEL leaves their addresses leased, and ADD may refuse to start.',
  causes: ['An older flatnet-cni was put in the place of a newer one.'],
  steps: ['install the newer flatnet-cni again'],
  needs: ['ipam'],
  judge: ({ ipam: { stateDir, foreign } }) => {
    const [first] = foreign
    if (first === undefined) return { verdict: 'ok', seen: `${stateDir} has nothing of another version` }
    return {
      verdict: 'fail',
      subject: stateDir,
      seen: `${String(foreign.length)} files are of another version, the first is ${first.path} (version ${first.version})`,
      next: [
        'install the newer flatnet-cni again, stop the containers with it, then go back to this version',
        `or, after a reboot, when no container runs: mv ${stateDir} ${stateDir}.old`,
      ],
    }
  },
})
