// nft rules for the containers' questions to the bridge address, port 53: while the agent answers them, and
// while nothing does. They have a table of their own, so that one text replaces the other in one transaction,
// whatever was there, and the route guard can load it without knowing what it says.

import { formatIp, type Ip } from '../addr/ip.ts'
import { formatPrefix, networkOf, type Prefix } from '../addr/prefix.ts'
import { bridgeAddress } from '../addr/range.ts'
import { TABLE } from './nft-table.ts'

/** Holds these rules and nothing else. IPv4 only: containers are given the bridge's IPv4 address. */
export const NAMES_TABLE = `${TABLE}_names`

/** Fails unless the rules of {@link renderStandIn} are in place. */
export const SHOW_STAND_IN = `list chain ip ${NAMES_TABLE} others\n`

// A restarted agent is back within this time, and knows the containers' names, which the host's resolvers
// deny. musl asks again after 2.5 s and gives up after 5 s, glibc after 5 s and 10 s (resolv.conf(5)), so
// nothing that is dropped this long is lost.
const WAIT = '2s'

const EMPTY = `add table ip ${NAMES_TABLE}
delete table ip ${NAMES_TABLE}
add table ip ${NAMES_TABLE}
`

/**
 * Renders the rules for the time while the agent answers. They prepare its sudden end, after which no socket
 * is there until the guard acts.
 */
export function renderServing(subnet: Prefix): string {
  const { asked } = ends(subnet)
  return `${EMPTY}${IN}
add rule ip ${NAMES_TABLE} in ${asked} notrack
${renderOut(subnet)}`
}

/**
 * Renders the rules for the time while the agent does not answer: for two seconds questions are dropped, and
 * asked again, then the host's resolver gets them.
 */
export function renderStandIn(subnet: Prefix, resolver: Ip): string {
  const { bridge, asked } = ends(subnet)
  // A little later than our published ports, which go first.
  return `${EMPTY}add set ip ${NAMES_TABLE} waiting { type ipv4_addr; flags timeout; }
add element ip ${NAMES_TABLE} waiting { ${bridge} timeout ${WAIT} }
${IN}
add chain ip ${NAMES_TABLE} others { type nat hook prerouting priority dstnat + 1; }
add rule ip ${NAMES_TABLE} in ${asked} ip daddr @waiting drop
add rule ip ${NAMES_TABLE} others ${asked} dnat to ${formatIp(resolver)}
${renderOut(subnet)}`
}

const IN = `add chain ip ${NAMES_TABLE} in { type filter hook prerouting priority raw - 1; }`

// A resolver that is refused gives up, and one that hears nothing asks again: refusals are dropped. What the
// agent answers is not tracked, because the connection would decide about the next question from the same
// port, too (nft(8), NAT STATEMENTS).
function renderOut(subnet: Prefix): string {
  const { bridge, containers } = ends(subnet)
  const out = `add rule ip ${NAMES_TABLE} out ip saddr ${bridge} ip daddr ${containers}`
  // Behind 8 bytes of ICMP, the message quotes the packet: 20 bytes of IP, then the ports (RFC 792). nft has
  // no word for that.
  const quotedPort = '@th,240,16'
  return `add chain ip ${NAMES_TABLE} out { type filter hook output priority raw - 1; }
${out} icmp type destination-unreachable icmp code port-unreachable ${quotedPort} 53 drop
${out} tcp sport 53 tcp flags & (rst | ack) == rst | ack tcp sequence 0 drop
${out} meta l4proto { tcp, udp } th sport 53 notrack
`
}

interface Ends {
  readonly bridge: string
  readonly containers: string
  /** Matches containers' questions. */
  readonly asked: string
}

function ends(subnet: Prefix): Ends {
  const [bridge, containers] = [formatIp(bridgeAddress(subnet)), formatPrefix(networkOf(subnet))]
  const asked = `ip saddr ${containers} ip daddr ${bridge} meta l4proto { tcp, udp } th dport 53`
  return { bridge, containers, asked }
}
