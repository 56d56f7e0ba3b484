// The group NEB: Nebula itself.

import type { CheckItem } from '../item.ts'
import { certificate } from './neb/certificate.ts'
import { device } from './neb/device.ts'
import { disconnectInvalid } from './neb/disconnect-invalid.ts'
import { drops } from './neb/drops.ts'
import { file } from './neb/file.ts'
import { lighthouseAnswers } from './neb/lighthouse-answers.ts'
import { lighthouses } from './neb/lighthouses.ts'
import { localAllowList } from './neb/local-allow-list.ts'
import { localCidr } from './neb/local-cidr.ts'
import { mtu } from './neb/mtu.ts'
import { namespace } from './neb/namespace.ts'
import { port } from './neb/port.ts'
import { nebulaProcess } from './neb/process.ts'
import { overlayRoutes } from './neb/overlay-routes.ts'
import { punchy } from './neb/punchy.ts'
import { remoteAllowList } from './neb/remote-allow-list.ts'
import { revoked } from './neb/revoked.ts'
import { routeCollisions } from './neb/route-collisions.ts'
import { rules } from './neb/rules.ts'
import { systemRoutes } from './neb/system-routes.ts'
import { timers } from './neb/timers.ts'
import { version } from './neb/version.ts'

export const NEB_ITEMS: readonly CheckItem[] = [
  nebulaProcess,
  version,
  namespace,
  device,
  mtu,
  file,
  certificate,
  disconnectInvalid,
  systemRoutes,
  localCidr,
  rules,
  localAllowList,
  remoteAllowList,
  lighthouses,
  lighthouseAnswers,
  drops,
  routeCollisions,
  overlayRoutes,
  punchy,
  timers,
  port,
  revoked,
]
