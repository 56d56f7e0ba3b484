// What every verb is called with.

import type { CniEnvironment, NetworkEnvironment } from '../src/cni/environment.ts'
import type { NetConf } from '../src/config/netconf.ts'
import type { Log } from '../src/log.ts'
import type { AttachmentKey } from '../src/net/attachment.ts'

/** A call as it came in: the variables checked, standard input as text. */
export interface RawCall {
  readonly environment: CniEnvironment | NetworkEnvironment
  readonly stdin: string
  readonly now: Date
  readonly log: Log
}

/** One call about a network, checked. */
export interface NetworkCall<Conf extends NetConf = NetConf> {
  readonly conf: Conf
  readonly now: Date
  readonly log: Log
}

/** One call on one attachment, checked. */
export interface Call<Conf extends NetConf = NetConf> extends NetworkCall<Conf> {
  readonly environment: CniEnvironment
}

/** The attachment a call is about (SPEC 1.1.0, section 2: network, container ID and interface name). */
export function keyOf({ environment, conf }: Call): AttachmentKey {
  return { network: conf.name, containerID: environment.containerID, ifname: environment.ifname }
}
