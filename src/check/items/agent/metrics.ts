// AGENT-007: its metrics can be read.

import { checkItem } from '../../item.ts'

export const metrics = checkItem({
  id: 'AGENT-007',
  title: 'metrics can be read',
  why: 'Prometheus sees nothing of this host, and peers cannot fetch its certificate by the same port.',
  causes: [
    'Another program listens on the port of the agent.',
    'A firewall of this host drops what goes to loopback.',
  ],
  steps: [
    'ss -ltnp sport = :4280',
    'set another "agent": {"port": 4281} in /etc/flatnet/flatnet.json, on all hosts alike',
  ],
  needs: ['agent'],
  after: ['AGENT-001'],
  judge: ({
    agent: {
      status,
      metrics: { url, problem },
    },
  }) => {
    if (status === undefined) return { verdict: 'skip', seen: 'it does not answer' }
    return problem === undefined
      ? { verdict: 'ok', seen: url }
      : { verdict: 'warn', seen: `${url}: ${problem}` }
  },
})
