// CNI-002: the files that name us are taken by us.

import { SUPPORTED_VERSIONS } from '../../../cni/supported.ts'
import { isOurs } from '../../conflist.ts'
import { checkItem } from '../../item.ts'

export const valid = checkItem({
  id: 'CNI-002',
  title: 'network configurations of flatnet are valid',
  why: 'Every container start of that network fails while flatnet-cni refuses its configuration.',
  causes: [
    'A key was misspelt, or belongs to another version.',
    'An address plugin was added ("ipam"); addresses come from the certificate.',
  ],
  steps: ['correct the file; conflist/README.md has every key'],
  needs: ['conflists'],
  after: ['SYS-001'],
  judge: ({ conflists: { files } }) =>
    files
      .filter(({ plugins }) => plugins.some(isOurs))
      .map(({ path, cniVersion, refusals }) => {
        const known: readonly string[] = SUPPORTED_VERSIONS
        const problems = known.includes(cniVersion)
          ? refusals
          : [`cniVersion ${cniVersion} is not known, the newest is ${String(known.at(-1))}`]
        return problems.length === 0
          ? { verdict: 'ok', subject: path, seen: `valid, version ${cniVersion}` }
          : {
              verdict: 'fail',
              subject: path,
              seen: problems.join('; '),
              next: [`correct ${path}; conflist/README.md has every key`],
            }
      }),
})
