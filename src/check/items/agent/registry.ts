// AGENT-011: the containers of the other hosts are known.

import { checkItem } from '../../item.ts'

export const registry = checkItem({
  id: 'AGENT-011',
  title: 'containers of the other hosts are known',
  fault: 'containers of a host are not known',
  why: 'Every host tells the others which containers it has. Without that, ps --all does not list them.',
  causes: [
    'The agent of that host is of an earlier version.',
    'A firewall on either host drops TCP on the port of the agents.',
    'A container of that host has an address outside the subnet in its certificate.',
  ],
  steps: ['flatnet-cni status on that host', 'journalctl -u flatnet-agent -n 20 on that host'],
  needs: ['agent'],
  after: ['AGENT-001', 'AGENT-009', 'NEB-001'],
  judge: ({ agent: { status } }) => {
    if (status === undefined) return { verdict: 'skip', seen: 'the agent does not answer' }
    const others = status.registry?.hosts.filter(({ isOwn }) => !isOwn)
    if (others === undefined) return { verdict: 'skip', seen: 'the agent does not report it' }
    const wrong = others.filter(({ problem, isSilent }) => problem !== null && !isSilent)
    if (wrong.length > 0)
      return wrong.map(({ name, problem }) => ({ verdict: 'warn', subject: name, seen: problem ?? '' }))
    const known = others.filter(({ containers }) => containers !== null)
    const count = known.reduce((sum, { containers }) => sum + (containers ?? 0), 0)
    const unknown = others.filter(({ containers }) => containers === null)
    const rest =
      unknown.length === 0 ? '' : `; those of ${unknown.map(({ name }) => name).join(', ')} are not known yet`
    return {
      verdict: 'ok',
      seen: `${String(count)} containers of ${String(known.length)} other hosts${rest}`,
    }
  },
})
