// PATH-009: both ends use the same path.

import type { PathView } from '../../../views/paths.ts'
import { checkItem, type Finding } from '../../item.ts'
import { wasHeard } from './seen.ts'

export const agreement = checkItem({
  id: 'PATH-009',
  title: 'both ends use the same path',
  fault: 'ends use different paths',
  why: 'Where each end sends on another path, firewalls that see only half of a connection drop it.',
  causes: [
    'One end has just changed, and its message is under way.',
    'The agent of the other host does not run.',
  ],
  steps: ['flatnet-cni check --peer PEER'],
  needs: ['paths'],
  after: ['PATH-002', 'PATH-003'],
  judge: ({ paths }) => paths.peers.filter(wasHeard).map(judgePeer),
})

function judgePeer({ name, phase, peer }: PathView): Finding {
  if (peer === null) {
    return {
      verdict: 'warn',
      fault: "peer's agent is silent",
      subject: name,
      seen: 'no message from its agent so far',
      next: ['on that host: systemctl enable --now flatnet-agent', `flatnet-cni check --peer ${name}`],
    }
  }
  const isSame = (phase === 'P2P_ACTIVE') === (peer.phase === 'P2P_ACTIVE')
  if (isSame) return { verdict: 'ok', subject: name, seen: `here ${phase}, there ${peer.phase}` }
  return {
    verdict: 'warn',
    subject: name,
    seen: `here ${phase}, there ${peer.phase} (${peer.reason})`,
    next: [`flatnet-cni check --peer ${name}`],
  }
}
