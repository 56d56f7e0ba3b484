// What this host is for, from Nebula's configuration and the host certificate, which is not verified. Files
// that cannot be read are for others to report; such a host counts as one with containers.

import { CniError } from '../../cni/error.ts'
import type { Settings } from '../../config/settings.ts'
import { parseCertificates } from '../../nebula/certificate/parse.ts'
import { isPool } from '../../nebula/hosts/host-subnet.ts'
import { readOptional } from '../../state/files/source-file.ts'
import { loadNebulaConfig } from './nebula-config.ts'

/** What a host is for. */
export interface Role {
  /** A lighthouse whose certificate has no container subnet: it needs nothing that serves containers. */
  readonly isBareLighthouse: boolean
  /** Its certificate has a whole pool: it forwards between the other hosts. */
  readonly isGateway: boolean
}

/** Looks at both files. */
export function roleOf({ nebula: { cert, config }, pools }: Pick<Settings, 'nebula' | 'pools'>): Role {
  try {
    const pem = readOptional(cert, 'host certificate')
    const certificates = pem === undefined ? [] : parseCertificates(pem, cert)
    const subnets = certificates.flatMap(({ unsafeNetworks }) => unsafeNetworks)
    const isLighthouse = loadNebulaConfig(config).facts.lighthouse.amLighthouse === true
    return {
      // Any other network may be meant as a subnet, so that it is to be looked at.
      isBareLighthouse:
        isLighthouse && certificates.length > 0 && subnets.every((each) => isPool(each, pools)),
      isGateway: subnets.some((each) => isPool(each, pools)),
    }
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return { isBareLighthouse: false, isGateway: false }
  }
}
