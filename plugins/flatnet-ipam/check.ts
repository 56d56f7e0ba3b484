// CHECK of the IPAM plugin: are the addresses of the result still this attachment's.

import { CniCode, CniError } from '../../src/cni/error.ts'
import { configError } from '../../src/config/shape.ts'
import { loadSettings } from '../../src/host/settings.ts'
import { describeKey } from '../../src/net/attachment.ts'
import { openStore } from '../../src/state/store.ts'
import { lostLeases } from '../../src/state/sweep.ts'
import type { IpamConf } from '../../src/config/ipam-conf.ts'
import { type Call, keyOf } from '../call.ts'

/** Serves CHECK, silently. @throws CniError CheckFailed naming every address that is not as it should be */
export async function cmdCheck(call: Call<IpamConf>): Promise<string> {
  const result = call.conf.prevResult
  if (result === undefined) throw configError('prevResult', 'CHECK needs the result of ADD')
  const { stateDir } = loadSettings(call.conf.own)
  const key = keyOf(call)
  const record = openStore(stateDir).read(key)
  if (record === undefined)
    throw failed(`nothing is recorded of ${describeKey(key)}; start the container again`)
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
