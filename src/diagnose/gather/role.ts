// Gathers what this host is for, from Nebula's configuration and the host certificate. Files that cannot be
// read are other items' business; such a host counts as one with containers.

import type { Facts } from '../../check/facts.ts'
import { CniError } from '../../cni/error.ts'
import { loadNebulaConfig } from '../../host/identity/nebula-config.ts'
import type { GatherContext } from '../context.ts'

export async function gatherRole({ get }: GatherContext): Promise<Facts['role']> {
  try {
    const [{ nebula }, { host }] = await Promise.all([get('settings'), get('certificates')])
    const isLighthouse = loadNebulaConfig(nebula.config).facts.lighthouse.amLighthouse === true
    const hasSubnets = host.certificates.some(({ unsafeNetworks }) => unsafeNetworks.length > 0)
    return { isBareLighthouse: isLighthouse && host.certificates.length > 0 && !hasSubnets }
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return { isBareLighthouse: false }
  }
}
