// SYS-009: strict source checks.

import { checkItem, type Finding } from '../../item.ts'

export const rpFilterItem = checkItem({
  id: 'SYS-009',
  title: 'no strict source check on our links',
  why: 'While two hosts use different paths to each other, packets come in on another link than the way back. rp_filter 1 drops every one of them.',
  causes: ['A hardening script or sysctl --system set rp_filter to 1 again after the last ADD.'],
  steps: ['sysctl -w net.ipv4.conf.LINK.rp_filter=2'],
  needs: ['sysctls', 'settings', 'network', 'links'],
  judge: ({ sysctls, settings, network, links }) => {
    // The bridge is there from the first ADD or sync on, which put this right; before that nothing is wrong yet.
    if (!links.some(({ name }) => name === settings.bridge)) return []
    const hops = [...network.gateways, ...network.peerGateways.values()].map(({ dev }) => dev)
    const ours = [settings.bridge, ...(network.nebulaDev === undefined ? [] : [network.nebulaDev]), ...hops]
    // The kernel takes the higher of "all" and the link's own (ip-sysctl.rst).
    const all = Number(sysctls.get('ipv4/conf/all/rp_filter') ?? '0')
    return [...new Set(ours)].map((link): Finding => {
      const value = Math.max(all, Number(sysctls.get(`ipv4/conf/${link}/rp_filter`) ?? '0'))
      const seen = `rp_filter of ${link} is ${String(value)}`
      if (value !== 1) return { verdict: 'ok', subject: link, seen }
      const next = [`sysctl -w ${nameOf(link)}=2`]
      return { verdict: 'fail', subject: link, seen: `${seen} (strict)`, next }
    })
  },
  fix: ({ sysctls }, { subject: link = '' }) => ({
    kind: 'sysctl',
    arguments: [`ipv4/conf/${link}/rp_filter`, '2'],
    what: `set ${nameOf(link)} to 2 (loose)`,
    undo: `sysctl -w ${nameOf(link)}=${sysctls.get(`ipv4/conf/${link}/rp_filter`) ?? '0'}`,
  }),
})

// With slashes a dot stays part of the link's name, as in eth0.100 (sysctl(8)).
function nameOf(link: string): string {
  return link.includes('.') ? `net/ipv4/conf/${link}/rp_filter` : `net.ipv4.conf.${link}.rp_filter`
}
