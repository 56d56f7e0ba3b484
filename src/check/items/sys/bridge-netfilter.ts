// SYS-011: bridged packets pass iptables.

import type { Family } from '../../../addr/ip.ts'
import type { ForwardChain } from '../../facts/firewall.ts'
import { checkItem, type Finding } from '../../item.ts'

const SWITCHES = { 4: 'bridge/bridge-nf-call-iptables', 6: 'bridge/bridge-nf-call-ip6tables' } as const

const DOUBT = 'br_netfilter may block containers of one host'

export const bridgeNetfilterItem = checkItem({
  id: 'SYS-011',
  title: 'br_netfilter does not block containers of one host',
  fault: 'br_netfilter blocks containers of one host',
  why:
    'With br_netfilter, packets between two containers on one bridge pass the FORWARD chain as if ' +
    'they were routed; a chain that drops by default separates them.',
  causes: ['Docker or Kubernetes loaded br_netfilter and set FORWARD to DROP.'],
  steps: ['flatnet-cni sync', 'or: sysctl -w net.bridge.bridge-nf-call-iptables=0'],
  needs: ['sysctls', 'firewall', 'settings', 'links'],
  after: ['SYS-010'],
  judge: ({ sysctls, firewall, settings, links }): Finding | readonly Finding[] => {
    const hasBridge = links.some(({ name }) => name === settings.bridge)
    return firewall.families.map((family): Finding => {
      const calls = sysctls.get(SWITCHES[family])
      if (calls === undefined) return { verdict: 'ok', seen: 'br_netfilter is not loaded' }
      const seen = `${shown(family)} = ${calls}`
      if (calls === '0' || !hasBridge) return { verdict: 'ok', seen }
      const sees = firewall.chains.filter((chain) => chain.family === undefined || chain.family === family)
      const [drops] = sees.filter(({ accepts }) => !accepts).toSorted(byDoubt)
      const next = [
        ...(drops?.owner === 'iptables' && drops.isPolicy
          ? ['flatnet-cni sync']
          : ['flatnet-cni check --only SYS-010']),
        `or: sysctl -w ${shown(family)}=0`,
      ]
      if (drops !== undefined)
        return {
          ...(drops.isDoubtful ? { verdict: 'warn', fault: DOUBT } : { verdict: 'fail' }),
          seen: `${seen}, and ${drops.name} drops`,
          next,
        }
      if (firewall.unseen.includes(family))
        return {
          verdict: 'warn',
          fault: DOUBT,
          seen: `${seen}, and legacy iptables has rules, which nft does not show`,
          next,
        }
      return { verdict: 'ok', seen: `${seen}, and nothing drops` }
    })
  },
})

function byDoubt(a: ForwardChain, b: ForwardChain): number {
  return Number(a.isDoubtful) - Number(b.isDoubtful)
}

function shown(family: Family): string {
  return `net.${SWITCHES[family].replace('/', '.')}`
}
