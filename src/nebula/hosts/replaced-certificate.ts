// Whether a refused certificate is of a host that has a newer one, so that nothing is wrong.

import { CniError } from '../../cni/error.ts'
import { parseCertificates } from '../certificate/parse.ts'
import type { PeerFacts } from './peer-facts.ts'

/**
 * Tells whether one of the known hosts has replaced a certificate. The certificate itself is not verified:
 * this may end a warning, and nothing else.
 * @param pem the text of its file
 * @param authorities fingerprints of the CAs that it may be from; any, if absent
 */
export function isReplaced(
  pem: string,
  known: readonly Pick<PeerFacts, 'name' | 'overlay' | 'notBefore'>[],
  authorities?: ReadonlySet<string>,
): boolean {
  try {
    const blocks = pem === '' ? [] : parseCertificates(pem, 'peer certificate')
    return blocks.some(
      (block) =>
        (authorities?.has(block.issuer) ?? true) &&
        known.some(
          ({ name, overlay, notBefore }) =>
            name === block.name &&
            notBefore > block.notBefore &&
            overlay.some((ip) =>
              block.networks.some(({ family, value }) => family === ip.family && value === ip.value),
            ),
        ),
    )
  } catch (error) {
    if (error instanceof CniError) return false
    throw error
  }
}
