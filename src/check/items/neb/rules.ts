// NEB-011: the firewall rules allow the agents' own traffic.

import { hostPrefix, parsePrefix, type Prefix } from '../../../addr/prefix.ts'
import { NEBULA } from '../../../nebula/service.ts'
import { lets, rulesForLocal } from '../../reading/firewall.ts'
import { checkItem } from '../../item.ts'
import { isLocalCidrAny } from '../../reading/nebula-version.ts'

export const rules = checkItem({
  id: 'NEB-011',
  title: "Nebula's firewall rules let agents through",
  fault: "Nebula's firewall rules block agents",
  why:
    'Agents probe each other through Nebula; while these packets are dropped, ' +
    'the direct path is never used.',
  causes: [
    'The rules allow only certain services.',
    "The rules cover the containers' subnet only, and not the host's overlay address.",
  ],
  steps: ['add a rule with local_cidr: 0.0.0.0/0 for each port named above', NEBULA.reload],
  needs: ['nebulaConfig', 'nebula'],
  after: ['NEB-006', 'NEB-010'],
  judge: ({ nebulaConfig: { firewall }, nebula: { own, subnets, overlay, pools, agentPort: port } }) => {
    if (subnets.length === 0) return { verdict: 'skip', seen: 'the certificate of this host is not valid' }
    if (own?.version === undefined)
      return {
        verdict: 'skip',
        seen: 'what a rule without local_cidr covers depends on the version, which is unknown',
      }
    const isAny = isLocalCidrAny(own.version, firewall.defaultLocalCidrAny)
    const [ownOverlay, ownSubnets, ownPools] = [prefixes(overlay), prefixes(subnets), prefixes(pools)]
    const ways = [
      ...ownSubnets.flatMap((local) =>
        remotes(ownPools, local).map((remote) => ({
          local,
          remote,
          proto: 'udp' as const,
          what: 'from and to containers',
        })),
      ),
      ...ownOverlay.flatMap((local) =>
        (['udp', 'tcp'] as const).map((proto) => ({
          // A rule may name the address alone, without the network around it.
          local: hostPrefix(local),
          remote: local,
          proto,
          what: 'between overlay addresses',
        })),
      ),
    ]
    const blocked = (['outbound', 'inbound'] as const).flatMap((direction) =>
      ways
        .filter(
          (way) => !lets(rulesForLocal(firewall[direction], way.local, isAny, ownOverlay), { ...way, port }),
        )
        .map(({ proto, what }) => `firewall.${direction}: ${proto} ${String(port)} ${what}`),
    )
    if (blocked.length > 0) return { verdict: 'fail', seen: `blocked: ${[...new Set(blocked)].join('; ')}` }
    return { verdict: 'ok', seen: `udp and tcp ${String(port)} pass in both directions` }
  },
})

function prefixes(texts: readonly string[]): readonly Prefix[] {
  return texts.flatMap((text) => parsePrefix(text) ?? [])
}

function remotes(pools: readonly Prefix[], local: Prefix): readonly Prefix[] {
  return pools.filter(({ family }) => family === local.family)
}
