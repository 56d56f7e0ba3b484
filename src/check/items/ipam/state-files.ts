// IPAM-002: every file of the state directory can be read.

import { checkItem } from '../../item.ts'

export const stateFiles = checkItem({
  id: 'IPAM-002',
  title: 'records and leases can be read',
  why: 'A damaged record keeps its address from being given out again, and CHECK of its container fails.',
  causes: ['The power failed while it was written, or the disk was full.', 'A file was edited by hand.'],
  steps: ['remove its container with the runtime, which removes the file too', 'flatnet-cni gc'],
  needs: ['ipam'],
  judge: ({ ipam: { stateDir, damaged } }) =>
    damaged.length === 0
      ? { verdict: 'ok', seen: `every file in ${stateDir} can be read` }
      : damaged.map(({ path, problem }) => ({
          verdict: 'fail',
          subject: path,
          seen: `damaged: ${problem}`,
          next: [
            'remove its container with the runtime, which removes the file too',
            `or, when that container is gone: flatnet-cni gc, and if the file is still there: rm '${path}'`,
          ],
        })),
})
