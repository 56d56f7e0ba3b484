// The arguments of every verb.

import type { CniEnvironment, NetworkEnvironment } from '../../src/cni/environment.ts'
import type { NetConf } from '../../src/config/cni/netconf.ts'
import type { JsonObject } from '../../src/json.ts'
import type { Log } from '../../src/log.ts'

/** A call as received: variables checked, standard input parsed. */
export interface RawCall {
  readonly environment: CniEnvironment | NetworkEnvironment
  readonly stdin: JsonObject
  readonly now: Date
  readonly log: Log
}

/** A checked call on a network. */
export interface NetworkCall<Conf extends NetConf = NetConf> {
  readonly conf: Conf
  readonly now: Date
  readonly log: Log
}

/** A checked call on one attachment. */
export interface Call<Conf extends NetConf = NetConf> extends NetworkCall<Conf> {
  readonly environment: CniEnvironment
}
