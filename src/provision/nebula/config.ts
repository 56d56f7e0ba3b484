// Renders Nebula's configuration for a lighthouse or a host.

import { formatPrefix } from '../../addr/prefix.ts'
import { isAtLeast } from '../../program-version.ts'
import { checkNebulaPlan } from './check-plan.ts'
import { firewallSettings } from './firewall.ts'
import type { NebulaPlan } from './plan.ts'
import { lighthouseSettings, pkiSettings, underlaySettings } from './reach.ts'
import type { Setting } from './setting.ts'
import { diagnosisSettings, tunnelSettings, tunSettings } from './tunnel.ts'
import { renderYaml } from './yaml.ts'

/**
 * Returns the text of Nebula's configuration. Every key has its reason as a comment. Nebula 1.6.1 and 1.9.3
 * to 1.11 read it; what an older version does not know, it ignores.
 * @throws CniError InvalidConfig when the plan contains a value that Nebula would refuse or misread
 */
export function renderNebulaConfig(plan: NebulaPlan): string {
  return renderSettings(plan, nebulaSettings(plan))
}

/** Renders settings that were made from the plan, maybe with others added. */
export function renderSettings(plan: NebulaPlan, settings: readonly Setting[]): string {
  return renderYaml(heading(plan), settings)
}

/** Returns the same as data: every key with value and reason. @throws CniError as above */
export function nebulaSettings(plan: NebulaPlan): readonly Setting[] {
  checkNebulaPlan(plan)
  return [
    ...pkiSettings(plan),
    ...lighthouseSettings(plan),
    ...underlaySettings(plan),
    ...tunSettings(plan),
    ...tunnelSettings(plan),
    ...firewallSettings(plan),
    ...diagnosisSettings(plan),
  ]
}

const KNOWS_LOCAL_CIDR = '1.7.0'

function heading({ name, isLighthouse, addresses, subnets, version }: NebulaPlan): readonly string[] {
  const containers = subnets.length === 0 ? 'no containers' : `containers in ${texts(subnets)}`
  return [
    `Nebula's configuration of ${name}, ${isLighthouse ? 'a lighthouse' : 'a host'}: ` +
      `${texts(addresses)}, ${containers}.`,
    `Written by flatnet-cni for Nebula ${version}.`,
    ...(isAtLeast(version, KNOWS_LOCAL_CIDR)
      ? []
      : [
          `Nebula ${version} ignores local_cidr: each firewall rule covers this host and its ` +
            'containers alike.',
        ]),
  ]
}

function texts(prefixes: readonly Parameters<typeof formatPrefix>[0][]): string {
  return prefixes.map(formatPrefix).join(' and ')
}
