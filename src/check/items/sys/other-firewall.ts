// SYS-010: another firewall that drops what is forwarded.

import { checkItem, type Finding } from '../../item.ts'

export const otherFirewallItem = checkItem({
  id: 'SYS-010',
  title: 'no other firewall drops what containers send',
  why: 'A packet has to be accepted by every firewall on its way. Docker sets the FORWARD chain to DROP, which stops all containers of flatnet unless they have accept rules in it.',
  causes: [
    'Docker, ufw or firewalld was started or reloaded after the last ADD and flushed our accept rules.',
    'A ruleset of your own with `policy drop` in the forward hook.',
  ],
  steps: ['flatnet-cni sync'],
  needs: ['firewall', 'settings', 'links'],
  after: ['SYS-004'],
  judge: ({ firewall: { dropping, foreign }, settings: { bridge }, links }): readonly Finding[] => {
    const findings = dropping.map(({ family, chain, accepts }): Finding => {
      const subject = `IPv${String(family)}`
      const where = `iptables' FORWARD drops by default`
      if (accepts) return { verdict: 'ok', subject, seen: `${where}, and ${chain} accepts ${bridge}` }
      if (!links.some(({ name }) => name === bridge))
        return { verdict: 'ok', subject, seen: `${where}; the first ADD puts accept rules into ${chain}` }
      return { verdict: 'fail', subject, seen: `${where}, and ${chain} does not accept ${bridge}` }
    })
    const others = foreign.map((chain): Finding => {
      const table = chain.split(' ').slice(0, 2).join(' ')
      const rule = (key: string): string => `nft insert rule ${chain} ${key} "${bridge}" accept`
      return {
        verdict: 'warn',
        subject: chain,
        seen: `the chain ${chain} drops by default; whether it lets ${bridge} pass depends on its rules`,
        next: [`look at it: nft list table ${table}`, rule('iifname'), rule('oifname')],
      }
    })
    const all = [...findings, ...others]
    return all.length === 0 ? [{ verdict: 'ok', seen: 'no chain of the forward hook drops by default' }] : all
  },
  fix: (_, { subject = '' }) =>
    subject.startsWith('IPv')
      ? {
          kind: 'sync',
          arguments: [],
          what: 'put the accept rules back (flatnet-cni sync)',
          undo: 'nft -a list ruleset | grep flatnet   # and delete the rules with that comment by their handles',
        }
      : undefined,
})
