// What every verb is called with.

import type { CniEnvironment } from '../../src/cni/environment.ts'
import type { NetConf } from '../../src/config/netconf.ts'
import type { Log } from '../../src/log.ts'
import type { AttachmentKey } from '../../src/net/attachment.ts'

/** One call on one attachment, checked. */
export interface Call {
  readonly environment: CniEnvironment
  readonly conf: NetConf
  readonly now: Date
  readonly log: Log
}

/** The attachment a call is about (SPEC 1.1.0, section 2: network, container ID and interface name). */
export function keyOf({ environment, conf }: Call): AttachmentKey {
  return { network: conf.name, containerID: environment.containerID, ifname: environment.ifname }
}
