// AGENT-007: the agent's metrics are readable.

import { checkItem } from '../../item.ts'

export const metrics = checkItem({
  id: 'AGENT-007',
  title: 'metrics can be read',
  fault: 'metrics cannot be read',
  why: 'Prometheus gets nothing from this host, and peers cannot fetch its certificate from the same port.',
  causes: [
    "Another program listens on the agent's port.",
    'A firewall on this host drops traffic to loopback.',
  ],
  steps: [
    'ss -ltnp sport = :4280',
    'set another port, the same on all hosts: "agent": {"port": 4281} in /etc/flatnet/flatnet.json',
  ],
  needs: ['agent'],
  after: ['AGENT-001', 'AGENT-009'],
  judge: ({
    agent: {
      status,
      metrics: { url, problem },
    },
  }) => {
    if (status === undefined) return { verdict: 'skip', seen: 'the agent does not answer' }
    return problem === undefined
      ? { verdict: 'ok', seen: url }
      : { verdict: 'warn', seen: `${url}: ${problem}` }
  },
})
