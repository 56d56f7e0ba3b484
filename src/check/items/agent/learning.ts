// AGENT-010: the agent learns of other hosts.

import { learningTrouble } from '../../agent-troubles.ts'
import { checkItem } from '../../item.ts'

export const learning = checkItem({
  id: 'AGENT-010',
  title: 'agent learns of other hosts',
  fault: 'agent learns of no other host',
  why:
    'Agents hand on certificates, starting from the lighthouses. ' +
    'A host that learns of no other reaches none of its containers.',
  causes: [
    'No agent runs on the lighthouses.',
    'A firewall on either host drops the port of the agents: ' +
      'ufw drops all that comes in unless told otherwise.',
    'No lighthouse is named.',
  ],
  steps: ['on each lighthouse: systemctl status flatnet-agent'],
  needs: ['agent'],
  after: ['AGENT-001', 'AGENT-004', 'NEB-001', 'NEB-004', 'NEB-014', 'NEB-015', 'PATH-002'],
  judge: ({ agent: { status } }) => {
    if (status === undefined) return { verdict: 'skip', seen: 'it does not answer' }
    const { learning: learnt, peers } = status
    if (learnt === undefined || learnt === null)
      return { verdict: 'skip', seen: 'it has not asked any host yet' }
    const trouble = learningTrouble(status)
    if (trouble !== undefined) {
      const { what, seen, next } = trouble
      return { verdict: peers.length === 0 ? 'fail' : 'warn', fault: what, seen, next }
    }
    if (learnt.answered.length > 0)
      return { verdict: 'ok', seen: `${learnt.answered.join(', ')} answered last` }
    if (status.nebulaDev === null) return { verdict: 'skip', seen: 'Nebula is down' }
    return learnt.silent.length > 0
      ? { verdict: 'skip', seen: 'no host has answered yet; it asks again within a minute' }
      : { verdict: 'ok', seen: 'this host is a lighthouse, which others ask' }
  },
})
