// Nebula's firewall: what may leave this host and what may enter it. Since 1.10 a rule without local_cidr
// covers the host's overlay address only, so every rule has it, in both directions.

import { formatIp } from '../../addr/ip.ts'
import { formatPrefix, hostPrefix, networkOf, type Prefix } from '../../addr/prefix.ts'
import { isAtLeast } from '../../program-version.ts'
import { isPool } from '../../nebula/hosts/host-subnet.ts'
import type { NebulaPlan } from './plan.ts'
import { inSection, type Item, listed, type Setting } from './setting.ts'

// The word "any" for local_cidr is known since 1.10 only; 1.7 to 1.9 read these.
const EVERYTHING = { 4: '0.0.0.0/0', 6: '::/0' } as const

/** Returns the rules of both directions, and what happens to other packets. */
export function firewallSettings(plan: NebulaPlan): readonly Setting[] {
  const set = inSection('firewall')
  return [
    set('outbound_action', 'drop', 'What no rule lets out is dropped silently.'),
    set(
      'inbound_action',
      'drop',
      'The same inwards. Nebula 1.7 to 1.10 take the two keys for each other, so both are equal.',
    ),
    set(
      'conntrack',
      { tcp_timeout: '12m', udp_timeout: '3m', default_timeout: '10m' },
      "How long answers to a quiet connection are let in. Nebula's defaults.",
    ),
    listed('firewall', 'outbound', outboundReason(plan), outbound(plan)),
    listed('firewall', 'inbound', inboundReason(plan), inbound(plan)),
  ]
}

function outboundReason({ subnets }: NebulaPlan): string {
  return subnets.length === 0
    ? 'Packets from this host to others.'
    : "Packets from this host and its containers to others. Nebula lets out the certificate's addresses " +
        'only, whatever a rule says.'
}

function outbound(plan: NebulaPlan): readonly Item[] {
  return familiesOf(plan).map((family) => ({
    why: `Everything, from every ${family === 4 ? 'IPv4' : 'IPv6'} address of the certificate.`,
    value: { port: 'any', proto: 'any', host: 'any', local_cidr: EVERYTHING[family] },
  }))
}

function inboundReason({ subnets, allowFrom }: NebulaPlan): string {
  if (subnets.length === 0) return 'Packets from other hosts to this one.'
  const who =
    allowFrom.length === 0
      ? 'All hosts of the office'
      : `Hosts with the group ${allowFrom.map((group) => JSON.stringify(group)).join(' or ')} in ` +
        'their certificate'
  return (
    `Packets from other hosts. ${who} may reach the containers. ` +
    'These rules guard the direct path only: what comes over the LAN by the gateway path does not ' +
    'pass Nebula.'
  )
}

function inbound(plan: NebulaPlan): readonly Item[] {
  const own = plan.addresses.map(hostPrefix)
  const subnets = plan.subnets.map(networkOf)
  const every = [...own, ...subnets]
  return [
    ...every.map((local) => ({
      why: `Echoes and errors such as "packet too big" to ${what(local, subnets)}, from all hosts.`,
      value: echoRule(plan, local),
    })),
    ...every.flatMap((local) => agentRules(plan, local, subnets)),
    ...(plan.isLighthouse && plan.servesDns
      ? own.slice(0, 1).map((local) => ({
          why: "Questions to the lighthouse's DNS.",
          value: rule(local, { proto: 'udp', port: 53 }),
        }))
      : []),
    ...(subnets.length === 0 ? [] : every.flatMap((local) => containerRules(plan, local, subnets))),
  ]
}

// Probes go to reserved addresses of the subnet, by UDP alone.
function agentRules({ agentPort }: NebulaPlan, local: Prefix, subnets: readonly Prefix[]): readonly Item[] {
  const isSubnet = subnets.includes(local)
  const protos = isSubnet ? ['udp'] : ['udp', 'tcp']
  return protos.map((proto) => ({
    why: isSubnet
      ? "Probes between agents, to the subnet's reserved addresses."
      : proto === 'udp'
        ? 'Probes and notices between agents.'
        : 'Certificates and names that agents exchange.',
    value: rule(local, { proto, port: agentPort }),
  }))
}

// A rule with several groups asks for all of them, so there is one rule for each group.
function containerRules(
  { allowFrom, pools }: NebulaPlan,
  local: Prefix,
  subnets: readonly Prefix[],
): readonly Item[] {
  const target = isPool(local, pools)
    ? 'Containers of other hosts, to pass on'
    : subnets.includes(local)
      ? 'Containers'
      : 'Ports that containers publish on the overlay address'
  if (allowFrom.length === 0) return [{ why: `${target}, from all hosts.`, value: rule(local, {}) }]
  return allowFrom.map((group) => ({
    why: `${target}, from hosts of one group.`,
    value: { port: 'any', proto: 'any', group, local_cidr: formatPrefix(local) },
  }))
}

function rule(
  local: Prefix,
  { proto = 'any', port = 'any' }: { proto?: string; port?: number | string },
): Item['value'] {
  return { port, proto, host: 'any', local_cidr: formatPrefix(local) }
}

// Echoes have no port. Nebula 1.11 warns of one, and older versions refuse a rule without.
function echoRule({ version }: NebulaPlan, local: Prefix): Item['value'] {
  const echo = { proto: 'icmp', host: 'any', local_cidr: formatPrefix(local) }
  return isAtLeast(version, '1.11.0') ? echo : { port: 'any', ...echo }
}

function what(local: Prefix, subnets: readonly Prefix[]): string {
  return subnets.includes(local) ? 'containers' : formatIp(local)
}

function familiesOf({ addresses }: NebulaPlan): readonly (4 | 6)[] {
  return ([4, 6] as const).filter((family) => addresses.some((own) => own.family === family))
}
