// CHECK of the IPAM plugin: checks that the addresses of the result still belong to this attachment.

import { CniCode, CniError } from '../../../src/cni/error.ts'
import { configError } from '../../../src/config/shape.ts'
import { loadSettings } from '../../../src/host/identity/settings.ts'
import { describeKey } from '../../../src/net/attachment.ts'
import { openStore } from '../../../src/state/addresses/store.ts'
import { lostLeases } from '../../../src/state/addresses/claim-dead.ts'
import type { IpamConf } from '../../../src/config/cni/ipam-conf.ts'
import { placeOf } from '../../../src/config/cni/netconf.ts'
import type { Call } from '../call.ts'

/** Serves CHECK. Prints nothing. @throws CniError CheckFailed that names every difference */
export async function cmdCheck(call: Call<IpamConf>): Promise<string> {
  const result = call.conf.prevResult
  if (result === undefined) throw configError('prevResult', 'CHECK needs the result of ADD')
  const { stateDir } = loadSettings(call.conf.own)
  const { key } = placeOf(call.conf, call.environment)
  const record = openStore(stateDir).read(key)
  if (record === undefined)
    throw failed(`there is no record of ${describeKey(key)}; start the container again`)
  const claimed = result.ips.map(({ address }) => address)
  const faults = [
    ...record.addresses
      .filter((address) => !claimed.includes(address))
      .map((address) => `prevResult lacks ${address}, which ADD gave`),
    ...lostLeases(stateDir, record).map((address) => `the lease of ${address} is gone`),
  ]
  if (faults.length > 0) throw failed(faults.join('; '))
  return ''
}

function failed(details: string): CniError {
  return new CniError(CniCode.CheckFailed, 'attachment is not as it should be', details)
}
