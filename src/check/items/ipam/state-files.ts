// IPAM-002: every file in the state directory is readable.

import { checkItem } from '../../item.ts'

export const stateFiles = checkItem({
  id: 'IPAM-002',
  title: 'records and leases can be read',
  fault: 'record or lease is damaged',
  why: 'A damaged record keeps its address from being released, and CHECK of its container fails.',
  causes: ['Power failed while the file was written, or the disk was full.', 'A file was edited by hand.'],
  steps: ['remove its container with the runtime, which removes the file too', 'flatnet-cni gc'],
  needs: ['ipam'],
  judge: ({ ipam: { stateDir, damaged } }) =>
    damaged.length === 0
      ? { verdict: 'ok', seen: `every file in ${stateDir} can be read` }
      : damaged.map(({ path, problem }) => ({
          verdict: 'fail',
          subject: path,
          seen: problem,
          next: [
            'remove its container with the runtime, which removes the file too',
            `or, if that container no longer exists: flatnet-cni gc, and if the file remains: rm '${path}'`,
          ],
        })),
})
