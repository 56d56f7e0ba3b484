// HTTP-003: no other program has the HTTP Gateway's port.

import { checkItem } from '../../item.ts'

export const port = checkItem({
  id: 'HTTP-003',
  title: "the HTTP Gateway's port is its own",
  fault: "another program has the HTTP Gateway's port",
  why: 'Only one program can listen on a port: browsers reach the other one, and nginx does not start.',
  causes: [
    "Debian's own nginx was started: its package listens on port 80.",
    'In mirrored mode of WSL, a program of Windows has the port.',
  ],
  steps: [
    'stop the other program, or set httpGateway.port in /etc/flatnet/flatnet.json',
    'flatnet-cni http-gateway install',
  ],
  needs: ['httpGateway'],
  judge: ({ httpGateway: { isInstalled, port, holder, pid, problem } }) => {
    if (!isInstalled) return { verdict: 'skip', seen: 'no HTTP Gateway is installed on this host' }
    const where = `port ${String(port)}`
    if (problem === undefined && pid !== undefined) return { verdict: 'ok', seen: where }
    if (holder === undefined) return { verdict: 'ok', seen: `nothing listens on ${where}` }
    const seen = `${holder.name} (process ${String(holder.pid)}) listens on ${where}`
    if (pid !== undefined && holder.name === 'nginx') return { verdict: 'ok', seen }
    const own =
      holder.name === 'nginx'
        ? ['systemctl disable --now nginx', 'flatnet-cni http-gateway install']
        : undefined
    return { verdict: 'fail', seen, ...(own && { next: own }) }
  },
})
