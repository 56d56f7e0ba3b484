// The plan that this host's Nebula configuration would be rendered from: the certificate and flatnet's
// settings, and from the existing configuration what the office has decided.

import { AGENT_DEFAULTS, parseAgentSettings } from '../../config/agent-settings.ts'
import { CniError } from '../../cni/error.ts'
import type { Settings } from '../../config/settings.ts'
import type { Certificate } from '../../nebula/certificate/certificate.ts'
import type { NebulaFacts } from '../../nebula/configuration/nebula-config.ts'
import { containerNetworks } from '../../nebula/hosts/host-subnet.ts'
import { adoptPlan } from '../../provision/nebula/adopt.ts'
import type { NebulaPlan } from '../../provision/nebula/plan.ts'

/** Returns the plan for a certificate. @param version of the Nebula that will read the configuration */
export function ownPlan(
  settings: Settings,
  certificate: Certificate,
  facts: NebulaFacts,
  version: string,
): NebulaPlan {
  const { ca, cert, key } = settings.nebula
  return adoptPlan(
    {
      version,
      name: certificate.name,
      addresses: certificate.networks,
      subnets: containerNetworks(certificate, settings.pools),
      pools: settings.pools,
      agentPort: agentPort(settings.agent),
      bridges: settings.bridge.startsWith('flatnet') ? [] : [settings.bridge],
      pki: { ca, cert, key },
    },
    facts,
  )
}

function agentPort({ value, path }: Settings['agent']): number {
  try {
    return parseAgentSettings(value, path).port
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return AGENT_DEFAULTS.port
  }
}
