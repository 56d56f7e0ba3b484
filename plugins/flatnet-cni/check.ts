// CHECK: is the attachment as ADD left it (CNI SPEC 1.1.0, section 2, CHECK). Silent when it is; later plugins of the
// chain may have changed MAC, MTU and routes, so prevResult counts for those and not what we set.

import { CniCode, CniError } from '../../src/cni/error.ts'
import { configError } from '../../src/config/shape.ts'
import { findFaults } from '../../src/host/inspect.ts'
import { loadSettings } from '../../src/host/settings.ts'
import { describeKey } from '../../src/net/attachment.ts'
import { isSameNetns } from '../../src/state/liveness.ts'
import { openStore } from '../../src/state/store.ts'
import { lostLeases } from '../../src/state/sweep.ts'
import { type Call, keyOf } from '../call.ts'
import { enterableNetns } from '../netns.ts'

/** Serves CHECK. @throws CniError CheckFailed naming everything that is not as it should be */
export async function cmdCheck(call: Call): Promise<string> {
  const { environment, conf } = call
  const result = conf.prevResult
  if (result === undefined) throw configError('prevResult', 'CHECK needs the result of ADD')
  const settings = loadSettings(conf.own)
  const netns = enterableNetns(environment.netns, environment.allowOwnNetns)
  const key = keyOf(call)
  const record = openStore(settings.stateDir).read(key)
  if (record === undefined)
    throw failed(`nothing is recorded of ${describeKey(key)}; start the container again`)
  if (!isSameNetns(record.netns, netns)) {
    throw failed(`${environment.netns} is not the namespace that ADD was given; start the container again`)
  }
  const faults = [
    ...lostLeases(settings.stateDir, record).map((address) => `the lease of ${address} is gone`),
    ...(await findFaults({ record, result, netns: environment.netns, ipMasq: settings.ipMasq })),
  ]
  if (faults.length > 0) throw failed(faults.join('; '))
  return ''
}

function failed(details: string): CniError {
  return new CniError(CniCode.CheckFailed, 'attachment is not as it should be', details)
}
