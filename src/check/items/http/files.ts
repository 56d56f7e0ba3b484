// HTTP-004: the files of the HTTP Gateway are as this version and the settings make them.

import { checkItem } from '../../item.ts'

export const files = checkItem({
  id: 'HTTP-004',
  title: "the HTTP Gateway's files are up to date",
  fault: "the HTTP Gateway's files are out of date",
  why: 'The nginx that runs has the settings or the Lua of an earlier installation.',
  causes: [
    'httpGateway in /etc/flatnet/flatnet.json was changed.',
    'flatnet-cni was updated.',
    'A file was edited by hand.',
  ],
  steps: ['flatnet-cni http-gateway install'],
  needs: ['httpGateway'],
  after: ['HTTP-001'],
  judge: ({ httpGateway: { isInstalled, differing, obstacle } }) => {
    if (!isInstalled) return { verdict: 'skip', seen: 'no HTTP Gateway is installed on this host' }
    if (obstacle !== undefined) return { verdict: 'skip', seen: 'without nginx the files cannot be compared' }
    const [first] = differing
    if (first === undefined) return { verdict: 'ok', seen: 'all files are as install writes them' }
    const more = differing.length > 1 ? ` and ${String(differing.length - 1)} more` : ''
    return { verdict: 'warn', seen: `different: ${first}${more}` }
  },
})
