// The kernel's table of flows as /proc/net/nf_conntrack shows it, cut down to UDP.

import { formatIp, parseIp } from '../addr/ip.ts'

/** A UDP flow: its first packet's addresses and ports, and where its answers come from. */
export interface UdpFlow {
  readonly source: string
  readonly sourcePort: number
  readonly destination: string
  readonly destinationPort: number
  readonly answerer: string
}

/** The UDP flows to these destination ports. Addresses are canonical text. */
export function parseUdpFlows(text: string, ports: ReadonlySet<number>): readonly UdpFlow[] {
  return text.split('\n').flatMap((line) => {
    if (!/^ipv[46]\s+\d+ udp /.test(line)) return []
    // "src= dst= sport= dport=" twice: as the flow began, and as its answers are expected.
    const values = (key: string): string[] =>
      [...line.matchAll(new RegExp(` ${key}=(\\S+)`, 'g'))].map((match) => match[1] ?? '')
    const [port = ''] = values('dport')
    if (!ports.has(Number(port))) return []
    const [source, answerer] = values('src').map(canonical)
    const [destination] = values('dst').map(canonical)
    const [sourcePort = ''] = values('sport')
    if (source === undefined || destination === undefined || answerer === undefined) return []
    return [
      {
        source,
        sourcePort: Number(sourcePort),
        destination,
        destinationPort: Number(port),
        answerer,
      },
    ]
  })
}

function canonical(text: string): string | undefined {
  const ip = parseIp(text)
  return ip === undefined ? undefined : formatIp(ip)
}
