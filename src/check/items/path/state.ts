// PATH-003: traffic takes the direct path.

import type { PathView } from '../../../api/views.ts'
import type { Reason } from '../../../escalation/state.ts'
import { checkItem, type Finding } from '../../item.ts'
import { wasHeard } from './seen.ts'

export const state = checkItem({
  id: 'PATH-003',
  title: 'traffic takes the direct path',
  why: 'By the gateway everything works, more slowly; the reason says what keeps the direct path away.',
  causes: [
    'The direct path failed a moment ago and is being watched.',
    'A firewall drops the UDP of Nebula between the two hosts.',
  ],
  steps: ['flatnet-cni path PEER --history'],
  needs: ['paths'],
  after: ['PATH-002', 'NEB-001', 'NEB-004', 'NEB-010', 'PATH-006'],
  judge: ({ paths }) => paths.peers.filter(wasHeard).map(judgePeer),
})

function judgePeer({ name, phase, reason, detail, since }: PathView): Finding {
  const because = `${reason}${detail === '' ? '' : `: ${detail}`}, since ${since}`
  if (phase === 'P2P_ACTIVE') return { verdict: 'ok', subject: name, seen: `direct (${because})` }
  // Its own end is at most ten seconds away.
  if (phase === 'P2P_ATTEMPTING')
    return { verdict: 'ok', subject: name, seen: `direct path is being tried (${because})` }
  const next = [`flatnet-cni path ${name} --history`, ...(REMEDIES[reason] ?? [])]
  return { verdict: 'warn', subject: name, seen: `by the gateway (${because})`, next }
}

const UNDERLAY = 'look for what loses or delays packets between the two hosts: Wi-Fi, VPN, a full line'
const REMEDIES: Partial<Readonly<Record<Reason, readonly string[]>>> = {
  silence: ['see that UDP to the port of Nebula passes both ways between the two hosts'],
  'one-way': ['open the UDP port of Nebula in the firewall of the host that is not reached'],
  loss: [UNDERLAY],
  latency: [UNDERLAY],
  mtu: ['lower tun.mtu in the configuration of Nebula on both hosts'],
  'container-path': ['check the rules of Nebula on both hosts: flatnet-cni check --group NEB'],
  'link-gone': ['systemctl status nebula'],
  'peer-agent-gone': ['on that host: systemctl enable --now flatnet-agent'],
  certificate: ['flatnet-cni check --group CERT'],
}
