// HTTP-008: nginx runs the Lua files of this version.

import { checkItem } from '../../item.ts'

export const release = checkItem({
  id: 'HTTP-008',
  title: 'nginx runs the Lua of this version',
  fault: 'nginx runs the Lua of another version',
  why: 'The agent and nginx are of two versions until nginx reads its files again.',
  causes: ['flatnet-cni was updated.', 'nginx could not load the files, and goes on with those before.'],
  steps: ['flatnet-cni http-gateway install', 'tail -n 20 /var/log/flatnet/http-gateway-error.log'],
  needs: ['httpGateway'],
  after: ['HTTP-002', 'HTTP-004'],
  judge: ({ httpGateway: { isInstalled, problem, isCurrent } }) => {
    if (!isInstalled) return { verdict: 'skip', seen: 'no HTTP Gateway is installed on this host' }
    if (problem !== undefined) return { verdict: 'skip', seen: 'the HTTP Gateway does not answer' }
    return isCurrent
      ? { verdict: 'ok', seen: 'it runs them' }
      : { verdict: 'warn', seen: 'it has not loaded the files of this version' }
  },
})
