// CNI-002: flatnet-cni accepts the configurations that name it.

import { SUPPORTED_VERSIONS } from '../../../cni/supported.ts'
import { isOurs } from '../../reading/conflist.ts'
import { checkItem } from '../../item.ts'

export const valid = checkItem({
  id: 'CNI-002',
  title: "flatnet's network configurations are valid",
  fault: 'network configuration is not valid',
  why: 'No container of that network starts while flatnet-cni refuses its configuration.',
  causes: [
    'A key is misspelt, or belongs to another version.',
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
          : [`cniVersion ${cniVersion} is not supported; the newest supported one is ${String(known.at(-1))}`]
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
