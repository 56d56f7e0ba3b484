// What the agent cannot do on this host, in words for `status` and for the items of the group AGENT.

import type { StatusView } from '../views/paths.ts'
import type { HeldPort } from './facts/agent.ts'

/** A trouble: its headline, the observation, and what to do, one step per line. */
interface AgentTrouble {
  readonly what: string
  readonly seen: string
  readonly next: readonly string[]
}

/** A port that cannot be opened. Without UDP no path is measured. */
interface PortTrouble extends AgentTrouble {
  readonly protocol: HeldPort['protocol']
  /** "UDP 4280" */
  readonly name: string
  readonly isTaken: boolean
}

const COST = {
  udp: 'no path is measured, and no direct path is used',
  tcp: 'it serves no metrics, and other hosts cannot fetch certificates from it',
} as const

/** Returns a trouble for each protocol with a closed port. */
export function portTroubles(closed: readonly HeldPort[]): readonly PortTrouble[] {
  return (['udp', 'tcp'] as const).flatMap((protocol) => {
    const ports = closed.filter((each) => each.protocol === protocol)
    const [first] = ports
    if (first === undefined) return []
    const name = `${protocol.toUpperCase()} ${String(first.port)}`
    const addresses = listed(ports.map(({ address }) => address))
    const holder = ports.flatMap((each) => each.holder ?? [])[0]
    const isTaken = first.reason.includes('EADDRINUSE')
    const who = holder === undefined ? 'another program' : `process ${String(holder.pid)} (${holder.name})`
    return [
      {
        protocol,
        name,
        isTaken,
        what: isTaken ? `${name} is taken by another program` : `the agent cannot open ${name}`,
        seen:
          `${isTaken ? `${who} has it` : first.reason}; the agent needs it on ${addresses}: ` +
          `${COST[protocol]}`,
        next: [
          `see who has it: ss -lpn${protocol === 'udp' ? 'u' : 't'} 'sport = :${String(first.port)}'`,
          `end that program${holder === undefined ? '' : ` (kill ${String(holder.pid)})`}: ` +
            'the agent tries again within half a minute',
          `or use another port, on all hosts alike: {"agent": {"port": ${String(first.port + 1)}}} in ` +
            '/etc/flatnet/flatnet.json, then systemctl restart flatnet-agent',
        ],
      },
    ]
  })
}

// One round in vain proves nothing: after a start, other agents may be starting too.
const ROUNDS_IN_VAIN = 2

/**
 * Returns why no other host is learnt. Undefined while one answers, while Nebula is down, and on a lighthouse
 * that no other host has asked yet.
 */
export function learningTrouble({
  learning,
  nebulaDev,
}: Pick<StatusView, 'learning' | 'nebulaDev'>): AgentTrouble | undefined {
  if (learning === null || learning === undefined || nebulaDev === null) return undefined
  const { port, isLighthouse, answered, silent, silentRounds } = learning
  if (answered.length > 0 || silentRounds < ROUNDS_IN_VAIN) return undefined
  if (silent.length === 0) {
    if (isLighthouse) return undefined
    return {
      what: 'the agent knows no host to learn from',
      seen:
        'neither agent.lighthouses in /etc/flatnet/flatnet.json nor lighthouse.hosts in the configuration ' +
        'of Nebula names a lighthouse, and the peers folder is empty',
      next: [
        'name the lighthouses: {"agent": {"lighthouses": ["10.86.0.1"]}} in /etc/flatnet/flatnet.json',
        'systemctl reload flatnet-agent',
      ],
    }
  }
  const hosts = silent.map(({ overlay, reason }) => `${overlay} (${reasonText(reason)})`)
  return {
    what: 'the agent learns of no other host',
    seen: `no agent answers on TCP ${String(port)}: ${listed(hosts)}`,
    next: [
      'start the agent there, on lighthouses too: systemctl enable --now flatnet-agent',
      `let TCP and UDP ${String(port)} in on the nebula link of every host: ` +
        `ufw allow in on ${nebulaDev} to any port ${String(port)}`,
      "let both through Nebula's own firewall: flatnet-cni check --only NEB-011",
    ],
  }
}

// "connect ECONNREFUSED 10.86.0.1:4280 - Local (10.86.1.1:0)" names twice what is said already.
function reasonText(reason: string): string {
  if (reason.includes('ECONNREFUSED')) return 'connection refused: no agent runs there'
  return reason.replace(/ \S+:\d+( - Local .*)?$/, '')
}

function listed(texts: readonly string[]): string {
  const most = 4
  const shown = texts.slice(0, most)
  if (texts.length > most) return `${shown.join(', ')} and ${String(texts.length - most)} more`
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`
}
