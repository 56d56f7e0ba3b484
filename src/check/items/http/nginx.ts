// HTTP-001: there is an nginx that can run the HTTP Gateway.

import { checkItem } from '../../item.ts'

export const nginx = checkItem({
  id: 'HTTP-001',
  title: 'nginx with Lua is installed',
  fault: 'nginx or its Lua module is missing',
  why: 'The HTTP Gateway is Lua inside nginx. An nginx that has lost its module does not start again.',
  causes: ['The packages were removed.', 'nginx was upgraded and its Lua module was not.'],
  steps: ['apt-get install nginx libnginx-mod-http-lua lua-cjson', 'flatnet-cni http-gateway install'],
  needs: ['httpGateway'],
  judge: ({ httpGateway: { isInstalled, obstacle, program } }) => {
    if (!isInstalled) return { verdict: 'skip', seen: 'no HTTP Gateway is installed on this host' }
    return obstacle === undefined
      ? { verdict: 'ok', seen: program ?? '' }
      : { verdict: 'fail', seen: obstacle }
  },
})
