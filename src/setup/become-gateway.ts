// Brings the files of this host to a certificate that makes it a gateway. One that does so no longer needs
// nothing: Nebula's rules let in no more than the certificate has.

import { formatIp } from '../addr/ip.ts'
import { CniCode, CniError } from '../cni/error.ts'
import { SETTINGS_FILE, type Settings } from '../config/settings.ts'
import { isObject } from '../json.ts'
import { changeOwn } from '../host/nebula/change-own.ts'
import { letIn } from '../host/nebula/let-in.ts'
import type { Certificate } from '../nebula/certificate/certificate.ts'
import { isGateway } from '../nebula/hosts/host-subnet.ts'
import { isThere } from '../state/files/output-file.ts'

/**
 * Makes the changes that precede the certificate, and may be called again.
 * @param before the certificate that the host has @param next the one that it gets
 * @returns what an operator has to know or do, in sentences
 * @throws CniError that names the file; nothing is half done then
 */
export async function becomeGateway(
  settings: Settings,
  before: Certificate,
  next: Certificate,
): Promise<readonly string[]> {
  const [was, is] = [before, next].map((certificate) => isGateway(certificate, settings.pools))
  const { via } = settings.gateway
  if (was === true && is === false)
    return [
      'This host is no gateway any more.',
      ...(via === 'none'
        ? [
            `It has no gateway path itself: for the usual one, remove ${viaText('none')} from ` +
              `${SETTINGS_FILE}, and run flatnet-cni sync.`,
          ]
        : []),
    ]
  if (is !== true || was === true) return []
  await letIn(settings, next)
  if (via === 'auto') sendEncryptedOnly()
  const [own] = next.networks
  return [
    `This host is a gateway now, for hosts with ${viaText(own === undefined ? '' : formatIp(own))} in ` +
      `${SETTINGS_FILE}.`,
    via === 'auto' || via === 'none'
      ? `${SETTINGS_FILE} here has ${viaText('none')}: nothing that it forwards leaves it unencrypted.`
      : `${SETTINGS_FILE} here keeps ${viaText(formatIp(via))}, which its own packets and those that it ` +
        'forwards take where there is no direct path.',
  ]
}

function viaText(via: string): string {
  return `"gateway": {"via": "${via}"}`
}

// What others send through a gateway is encrypted, and must not leave it over the LAN instead.
function sendEncryptedOnly(): void {
  if (!isThere(SETTINGS_FILE))
    throw new CniError(
      CniCode.InvalidConfig,
      'no settings',
      `${SETTINGS_FILE}: no such file; write {${viaText('none')}} into it, so that nothing that this host ` +
        'is to forward leaves it unencrypted, and run the command again',
    )
  changeOwn(SETTINGS_FILE, (text) => {
    const settings: unknown = JSON.parse(text)
    if (!isObject(settings)) throw new TypeError('loadSettings reads objects alone')
    const gateway = isObject(settings['gateway']) ? settings['gateway'] : {}
    return `${JSON.stringify({ ...settings, gateway: { ...gateway, via: 'none' } }, null, 2)}\n`
  })
}
