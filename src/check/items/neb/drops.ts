// NEB-016: Nebula drops no packets that should pass.

import { NEBULA } from '../../../nebula/service.ts'
import { checkItem } from '../../item.ts'

// firewall.go, Drop: the address or rule that was missing tells whose certificate or configuration is wrong.
// Names end in "_ip" up to 1.9 and in "_addr" from 1.10 on.
const CAUSES = [
  {
    name: /^firewall_outgoing_dropped_local_(ip|addr)$/,
    verdict: 'fail',
    words: 'sent by addresses that are not in the certificate of this host',
    next: [
      "check that containers have addresses of this host's subnet: flatnet-cni check --group IPAM",
      'and that the certificate has it: nebula-cert print -path /etc/nebula/host.crt',
    ],
  },
  {
    name: /^firewall_outgoing_dropped_remote_(ip|addr)$/,
    verdict: 'fail',
    words: "sent to addresses that are not in the other host's certificate",
    next: [
      "check that the other host's certificate has its container subnet, " +
        'and that routes lead to the right host: ip route show proto 77',
    ],
  },
  {
    name: /^firewall_outgoing_dropped_no_rule$/,
    verdict: 'warn',
    words: 'no rule in firewall.outbound lets them out',
    next: ['add local_cidr: 0.0.0.0/0 to the rules in firewall.outbound', NEBULA.reload],
  },
  {
    name: /^firewall_incoming_dropped_remote_(ip|addr)$/,
    verdict: 'fail',
    words: "received from addresses that are not in the sender's certificate",
    next: [
      'check on the other host that nothing masquerades between containers, ' +
        'and that its certificate has its subnet',
    ],
  },
  {
    name: /^firewall_incoming_dropped_local_(ip|addr)$/,
    verdict: 'fail',
    words: 'received for addresses that are not in the certificate of this host',
    next: ['check whether other hosts have an older certificate of this host: ls /etc/flatnet/peers.d'],
  },
  {
    name: /^firewall_incoming_dropped_no_rule$/,
    verdict: 'warn',
    words: 'no rule in firewall.inbound lets them in',
    next: [
      'add local_cidr: 0.0.0.0/0 to the rules in firewall.inbound, ' +
        'unless these packets are meant to be dropped',
      NEBULA.reload,
    ],
  },
] as const

export const drops = checkItem({
  id: 'NEB-016',
  title: 'Nebula drops no packets',
  fault: 'Nebula drops packets',
  why:
    'Nebula reports dropped packets only in these counters; ' +
    'each one tells whose certificate or rules are wrong.',
  causes: [
    'A certificate lacks a container subnet, or routes lead to the wrong host.',
    'A rule lacks local_cidr.',
  ],
  steps: ['keep the traffic going and check again after ten seconds: flatnet-cni check --only NEB-016'],
  needs: ['nebulaStats'],
  after: ['NEB-007', 'NEB-010', 'NEB-011'],
  judge: ({ nebulaStats: { absent, url, before, after, seconds } }) => {
    if (absent !== undefined) return { verdict: 'skip', seen: absent }
    const growing = CAUSES.flatMap(({ name, verdict, words, next }) => {
      const count = sum(after, name) - sum(before, name)
      const seen = `Nebula dropped ${String(count)} packets in ${seconds.toFixed(1)} s: ${words}`
      return count > 0 ? [{ verdict, seen, next }] : []
    })
    if (growing.length > 0) return growing
    const total = CAUSES.reduce((all, { name }) => all + sum(after, name), 0)
    return {
      verdict: 'ok',
      seen:
        seconds === 0
          ? `${String(total)} dropped since Nebula started; check again to see whether the number ` +
            `grows (${url})`
          : `none dropped in ${seconds.toFixed(1)} s, ${String(total)} since Nebula started (${url})`,
    }
  },
})

function sum(counters: ReadonlyMap<string, number>, name: RegExp): number {
  return [...counters].reduce((all, [key, value]) => (name.test(key) ? all + value : all), 0)
}
