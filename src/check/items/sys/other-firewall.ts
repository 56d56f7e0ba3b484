// SYS-010: no other firewall drops forwarded packets.

import type { ForwardChain } from '../../facts/firewall.ts'
import { checkItem, type Finding, type Fix } from '../../item.ts'

const DOUBT = 'another firewall may drop container traffic'

export const otherFirewallItem = checkItem({
  id: 'SYS-010',
  title: 'no other firewall drops container traffic',
  fault: 'another firewall drops container traffic',
  why:
    'Every firewall on the way must accept a packet. Docker sets the FORWARD chain to DROP, ' +
    'which stops all flatnet containers unless it has accept rules for them.',
  causes: [
    "Docker, ufw or firewalld was started or reloaded after the last ADD and flushed flatnet's accept rules.",
    'firewalld rejects traffic between links that share no zone.',
    'Another ruleset drops at the end of the forward hook: `policy drop`, or a last rule that rejects.',
    'Rules of legacy iptables (iptables-legacy), which nft does not show.',
  ],
  steps: ['flatnet-cni sync', 'show every ruleset: nft list ruleset; iptables-legacy -S FORWARD'],
  needs: ['firewall', 'settings', 'links'],
  after: ['SYS-004'],
  judge: ({ firewall: { chains, unseen }, settings: { bridge }, links }): readonly Finding[] => {
    const hasBridge = links.some(({ name }) => name === bridge)
    const findings = [
      ...chains.map((chain) => judgeChain(chain, bridge, hasBridge)),
      ...unseen.map((family): Finding => ({
        verdict: hasBridge ? 'warn' : 'ok',
        fault: DOUBT,
        subject: `IPv${String(family)}`,
        seen: 'legacy iptables has rules, and there is no iptables-legacy to show them',
        next: ['apt-get install iptables', `${family === 4 ? 'iptables' : 'ip6tables'}-legacy -S FORWARD`],
      })),
    ]
    return findings.length === 0
      ? [{ verdict: 'ok', seen: 'no chain of the forward hook drops by default' }]
      : findings
  },
  fix: ({ firewall: { chains }, settings: { bridge } }, { subject }) => {
    const chain = chains.find((each) => takesOurRules(each) && subjectOf(each) === subject)
    return chain === undefined ? undefined : fixFor(chain, bridge)
  },
})

// The only chains that sync knows how to extend.
function takesOurRules({ owner, isPolicy }: ForwardChain): boolean {
  return owner === 'iptables' && isPolicy
}

function subjectOf(chain: ForwardChain): string {
  return takesOurRules(chain) ? `IPv${String(chain.family ?? 4)}` : chain.name
}

function judgeChain(chain: ForwardChain, bridge: string, hasBridge: boolean): Finding {
  const { name, isPolicy, place, accepts, isDoubtful } = chain
  const subject = subjectOf(chain)
  if (takesOurRules(chain)) {
    const where = `iptables' FORWARD drops by default`
    if (accepts) return { verdict: 'ok', subject, seen: `${where}, and ${place} accepts ${bridge}` }
    if (!hasBridge)
      return { verdict: 'ok', subject, seen: `${where}; the first ADD adds accept rules to ${place}` }
    return {
      verdict: 'fail',
      subject,
      seen: `${where}, and ${place} does not accept ${bridge}`,
      next: ['flatnet-cni sync'],
    }
  }
  const where = `the chain ${name} ${isPolicy ? 'drops by default' : 'drops at the end'}`
  if (accepts) return { verdict: 'ok', subject, seen: `${where}, but accepts ${bridge} first` }
  const next = acceptLines(chain, bridge)
  if (isDoubtful)
    return {
      verdict: 'warn',
      fault: DOUBT,
      subject,
      seen: `${where}; whether ${bridge} passes depends on its rules`,
      next,
    }
  return {
    verdict: hasBridge ? 'fail' : 'warn',
    subject,
    seen: `${where}, and accepts nothing from ${bridge}`,
    next,
  }
}

function acceptLines(
  { name, owner, family, isPolicy, place }: ForwardChain,
  bridge: string,
): readonly string[] {
  const [ip, table] = [family === 6 ? 'ip6tables' : 'iptables', name.split(' ').slice(0, 2).join(' ')]
  if (owner === 'iptables' || owner === 'legacy') {
    const program = owner === 'legacy' ? `${ip}-legacy` : ip
    return [
      `show it: ${program} -S FORWARD`,
      ...['-i', '-o'].map(
        (way) => `${program} -I ${isPolicy ? place : 'FORWARD'} ${way} ${bridge} -j ACCEPT`,
      ),
    ]
  }
  if (owner === 'firewalld') {
    const policy = 'firewall-cmd --permanent --policy=flatnet'
    return [
      `firewall-cmd --permanent --zone=trusted --add-interface=${bridge}`,
      'firewall-cmd --permanent --new-policy=flatnet',
      `${policy} --add-ingress-zone=ANY; ${policy} --add-egress-zone=trusted; ${policy} --set-target=ACCEPT`,
      'firewall-cmd --reload',
    ]
  }
  return [
    `show it: nft list table ${table}`,
    ...['iifname', 'oifname'].map((key) => `nft insert rule ${name} ${key} "${bridge}" accept`),
  ]
}

function fixFor({ family, place }: ForwardChain, bridge: string): Fix {
  const chain = `${family === 6 ? 'ip6' : 'ip'} filter ${place}`
  const select =
    `s/.*"${bridge}" .*comment "flatnet" # handle \\([0-9]*\\)$/delete rule ${chain} ` + `handle \\1/p`
  return {
    kind: 'sync',
    arguments: [],
    what: 'restore the accept rules (flatnet-cni sync)',
    undo: `nft -a list chain ${chain} | sed -n '${select}' | nft -f -`,
  }
}
