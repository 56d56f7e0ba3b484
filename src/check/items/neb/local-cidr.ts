// NEB-010: the firewall rules cover the containers too, in both directions.

import { formatPrefix, parsePrefix, type Prefix } from '../../../addr/prefix.ts'
import type { FirewallRule } from '../../../nebula/configuration/parts.ts'
import { NEBULA } from '../../../nebula/service.ts'
import { rulesForLocal } from '../../reading/firewall.ts'
import { checkItem } from '../../item.ts'
import { isLocalCidrAny } from '../../reading/nebula-version.ts'

export const localCidr = checkItem({
  id: 'NEB-010',
  title: "Nebula's firewall rules cover containers",
  fault: "Nebula's firewall rules do not cover containers",
  why:
    "Since Nebula 1.10 a rule without local_cidr covers only the host's overlay address: " +
    'packets from and to containers are silently dropped.',
  causes: [
    'The configuration dates from before Nebula 1.10.',
    'Only the inbound rules have local_cidr; packets from containers need it on the outbound rules.',
  ],
  steps: ['add local_cidr: 0.0.0.0/0 to the rules in firewall.outbound and firewall.inbound', NEBULA.reload],
  needs: ['nebulaConfig', 'nebula'],
  after: ['NEB-006'],
  judge: ({ nebulaConfig: { firewall }, nebula: { own, subnets, overlay } }) => {
    if (subnets.length === 0) return { verdict: 'skip', seen: 'the certificate of this host is not valid' }
    if (own?.version === undefined)
      return {
        verdict: 'skip',
        seen: 'what a rule without local_cidr covers depends on the version, which is unknown',
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
