// PATH-003: traffic takes the direct path.

import type { PathView } from '../../../views/paths.ts'
import type { Reason } from '../../../paths/escalation/state.ts'
import { NEBULA } from '../../../nebula/service.ts'
import { checkItem, type Finding } from '../../item.ts'
import { wasHeard } from './seen.ts'

export const state = checkItem({
  id: 'PATH-003',
  title: 'traffic takes the direct path',
  fault: 'traffic takes the gateway path',
  why: 'The gateway path works, but is slower; the reason says what keeps the direct path from being used.',
  causes: [
    'The direct path failed a moment ago and is on probation.',
    "A firewall drops Nebula's UDP between the two hosts.",
  ],
  steps: ['flatnet-cni path PEER --history'],
  needs: ['paths'],
  after: ['PATH-002', 'AGENT-009', 'NEB-001', 'NEB-004', 'NEB-010', 'PATH-006'],
  judge: ({ paths }) => paths.peers.filter(wasHeard).map(judgePeer),
})

function judgePeer({ name, phase, reason, detail, since }: PathView): Finding {
  const because = `${reason}${detail === '' ? '' : `: ${detail}`}, since ${since}`
  if (phase === 'P2P_ACTIVE') return { verdict: 'ok', subject: name, seen: `direct path (${because})` }
  // An attempt ends by itself within ten seconds.
  if (phase === 'P2P_ATTEMPTING')
    return { verdict: 'ok', subject: name, seen: `direct path is being tried (${because})` }
  const next = [`flatnet-cni path ${name} --history`, ...(REMEDIES[reason] ?? [])]
  return { verdict: 'warn', subject: name, seen: `gateway path (${because})`, next }
}

const UNDERLAY = 'find what loses or delays packets between the two hosts: Wi-Fi, VPN, a full line'
const REMEDIES: Partial<Readonly<Record<Reason, readonly string[]>>> = {
  silence: ["check that UDP to Nebula's port passes in both directions between the two hosts"],
  'one-way': ["open Nebula's UDP port in the firewall of the host that is not reached"],
  loss: [UNDERLAY],
  latency: [UNDERLAY],
  mtu: ['lower tun.mtu in the configuration of Nebula on both hosts'],
  'container-path': ['check the rules of Nebula on both hosts: flatnet-cni check --group NEB'],
  'link-gone': [NEBULA.status],
  'peer-agent-gone': ['on that host: systemctl enable --now flatnet-agent'],
  certificate: ['flatnet-cni check --group CERT'],
}
