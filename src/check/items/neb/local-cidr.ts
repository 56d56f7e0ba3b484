// NEB-010: the firewall rules are for the containers too, in both directions.

import { formatPrefix, parsePrefix, type Prefix } from '../../../addr/prefix.ts'
import type { FirewallRule } from '../../../nebula/nebula-config-parts.ts'
import { rulesForLocal } from '../../firewall.ts'
import { checkItem } from '../../item.ts'
import { isLocalCidrAny } from '../../nebula-version.ts'

export const localCidr = checkItem({
  id: 'NEB-010',
  title: "nebula's rules are for the containers too",
  why: "From 1.10 on a rule without local_cidr is for the host's own overlay address only: what containers send and get is dropped without a word.",
  causes: [
    'The configuration is from before Nebula 1.10.',
    'local_cidr stands on the inbound rules only; what containers send needs it on the outbound ones.',
  ],
  steps: [
    'add local_cidr: 0.0.0.0/0 to the rules in firewall.outbound and firewall.inbound',
    'systemctl reload nebula@config',
  ],
  needs: ['nebulaConfig', 'nebula'],
  after: ['NEB-006'],
  judge: ({ nebulaConfig: { firewall }, nebula: { own, subnets, overlay } }) => {
    if (subnets.length === 0)
      return { verdict: 'skip', seen: 'the certificate of this host is not to be believed' }
    if (own?.version === undefined)
      return {
        verdict: 'skip',
        seen: 'what a rule without local_cidr means depends on the version, which is not known',
      }
    const isAny = isLocalCidrAny(own.version, firewall.defaultLocalCidrAny)
    const networks = (texts: readonly string[]): Prefix[] => texts.flatMap((text) => parsePrefix(text) ?? [])
    const missing = networks(subnets).flatMap((subnet) =>
      directions(firewall)
        .filter(({ rules }) => rulesForLocal(rules, subnet, isAny, networks(overlay)).length === 0)
        .map(({ name }) => `firewall.${name} has no rule for ${formatPrefix(subnet)}`),
    )
    if (missing.length > 0) return { verdict: 'fail', seen: missing.join('; ') }
    return { verdict: 'ok', seen: `rules for ${subnets.join(' and ')} in both directions` }
  },
})

function directions(firewall: {
  readonly inbound: readonly FirewallRule[]
  readonly outbound: readonly FirewallRule[]
}): readonly { name: string; rules: readonly FirewallRule[] }[] {
  return [
    { name: 'outbound', rules: firewall.outbound },
    { name: 'inbound', rules: firewall.inbound },
  ]
}
