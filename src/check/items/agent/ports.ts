// AGENT-009: the agent has its own ports.

import { portTroubles } from '../../agent-troubles.ts'
import { checkItem } from '../../item.ts'

export const ports = checkItem({
  id: 'AGENT-009',
  title: 'agent has its ports to itself',
  fault: "agent's port is taken by another program",
  why:
    'Agents measure paths by UDP and fetch certificates by TCP, on the same port of every host. ' +
    'Without UDP no direct path is used.',
  causes: ['Another program listens on the port, often one that listens on all addresses.'],
  steps: ["see who has it: ss -lpntu 'sport = :4280'"],
  needs: ['agent'],
  after: ['AGENT-001'],
  judge: ({ agent: { status, closedPorts } }) => {
    if (status === undefined) return { verdict: 'skip', seen: 'it does not answer' }
    const troubles = portTroubles(closedPorts)
    if (troubles.length === 0) return { verdict: 'ok', seen: 'UDP and TCP are open on all its addresses' }
    return troubles.map(({ protocol, name, isTaken, seen, next }) => ({
      verdict: protocol === 'udp' ? 'fail' : 'warn',
      ...(isTaken ? {} : { fault: 'agent cannot open its port' }),
      seen: `${name}: ${seen}`,
      next,
    }))
  },
})
