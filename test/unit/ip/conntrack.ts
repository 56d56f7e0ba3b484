import t from 'tap'
import { parseUdpFlows } from '../../../src/ip/conntrack.ts'

const LINES = [
  'ipv4     2 udp      17 29 src=192.168.77.1 dst=192.168.77.10 sport=44444 dport=5353 [UNREPLIED] src=10.87.1.10 dst=192.168.77.1 sport=53 dport=44444 mark=0 zone-orig=2916 use=2',
  'ipv6     10 udp      17 27 src=fd77:0000:0000:0000:0000:0000:0000:0001 dst=fd77:0000:0000:0000:0000:0000:0000:0010 sport=44444 dport=5353 src=fd87:0000:0000:0001:0000:0000:0000:000a dst=fd77:0000:0000:0000:0000:0000:0000:0001 sport=53 dport=44444 [ASSURED] mark=0 zone=0 use=2',
  'ipv4     2 udp      17 29 src=192.168.77.1 dst=192.168.77.10 sport=44444 dport=53 src=10.87.1.10 dst=192.168.77.1 sport=53 dport=44444 mark=0 use=2',
  'ipv4     2 tcp      6 431999 ESTABLISHED src=192.168.77.1 dst=192.168.77.10 sport=44444 dport=5353 src=10.87.1.10 dst=192.168.77.1 sport=53 dport=44444 [ASSURED] mark=0 use=2',
]

t.test('UDP flows to the ports asked for', async (t) => {
  const flow = { sourcePort: 44444, destinationPort: 5353 }
  t.same(parseUdpFlows(LINES.join('\n'), new Set([5353])), [
    { ...flow, source: '192.168.77.1', destination: '192.168.77.10', answerer: '10.87.1.10' },
    { ...flow, source: 'fd77::1', destination: 'fd77::10', answerer: 'fd87:0:0:1::a' },
  ])
  t.same(parseUdpFlows('', new Set([5353])), [])
})
