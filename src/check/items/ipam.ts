// The group IPAM: leases, records, the bridge and published ports.

import type { CheckItem } from '../item.ts'
import { absentAddresses } from './ipam/absent-addresses.ts'
import { bridgeAddresses } from './ipam/bridge.ts'
import { bridgePorts } from './ipam/bridge-ports.ts'
import { bridgeTraits } from './ipam/bridge-traits.ts'
import { contestedPorts } from './ipam/contested-ports.ts'
import { duplicates } from './ipam/duplicates.ts'
import { leaks } from './ipam/leaks.ts'
import { lock } from './ipam/lock.ts'
import { outsideSubnet } from './ipam/outside-subnet.ts'
import { poolUse } from './ipam/pool-use.ts'
import { stateFiles } from './ipam/state-files.ts'
import { stateVersion } from './ipam/state-version.ts'
import { strays } from './ipam/strays.ts'

export const IPAM_ITEMS: readonly CheckItem[] = [
  stateVersion,
  stateFiles,
  leaks,
  duplicates,
  outsideSubnet,
  poolUse,
  bridgeAddresses,
  strays,
  bridgePorts,
  lock,
  bridgeTraits,
  contestedPorts,
  absentAddresses,
]
