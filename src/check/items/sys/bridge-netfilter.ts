// SYS-011: bridged packets in iptables.

import { checkItem, type Finding } from '../../item.ts'

export const bridgeNetfilterItem = checkItem({
  id: 'SYS-011',
  title: 'containers of one host reach each other past br_netfilter',
  why: 'With br_netfilter, packets between two containers on one bridge pass the FORWARD chain as if they were routed; one that drops by default keeps them apart.',
  causes: ['Docker or Kubernetes loaded br_netfilter and set FORWARD to DROP.'],
  steps: ['flatnet-cni sync', 'or: sysctl -w net.bridge.bridge-nf-call-iptables=0'],
  needs: ['sysctls', 'firewall', 'settings', 'links'],
  after: ['SYS-010'],
  judge: ({ sysctls, firewall: { dropping, hasLegacy }, settings, links }): Finding => {
    const calls = sysctls.get('bridge/bridge-nf-call-iptables')
    if (calls === undefined) return { verdict: 'ok', seen: 'br_netfilter is not loaded' }
    const seen = `net.bridge.bridge-nf-call-iptables = ${calls}`
    const hasBridge = links.some(({ name }) => name === settings.bridge)
    if (calls === '0' || !hasBridge) return { verdict: 'ok', seen }
    if (dropping.some(({ family, accepts }) => family === 4 && !accepts))
      return { verdict: 'fail', seen: `${seen}, and FORWARD drops by default` }
    if (hasLegacy) {
      const next = [
        'look at it: iptables-legacy -S FORWARD',
        `iptables-legacy -I FORWARD -i ${settings.bridge} -j ACCEPT`,
      ]
      return {
        verdict: 'warn',
        seen: `${seen}, and there are rules of the old iptables, which nft does not show`,
        next,
      }
    }
    return { verdict: 'ok', seen: `${seen}, and nothing drops by default` }
  },
})
