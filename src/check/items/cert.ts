// The group CERT: certificates of this host and its peers, and collisions of the host subnet.

import type { CheckItem } from '../item.ts'
import { beginItem } from './cert/begin.ts'
import { blockedItem } from './cert/blocked.ts'
import { caExpiryItem } from './cert/ca-expiry.ts'
import { chainItem } from './cert/chain.ts'
import { expiryItem } from './cert/expiry.ts'
import { filesItem } from './cert/files.ts'
import { keyModeItem } from './cert/key-mode.ts'
import { keyPairItem } from './cert/key-pair.ts'
import { kindItem } from './cert/kind.ts'
import { localOverlapItem } from './cert/local-overlap.ts'
import { nebulaReadsItem } from './cert/nebula-reads.ts'
import { peerOverlapItem } from './cert/peer-overlap.ts'
import { peersItem } from './cert/peers.ts'
import { poolItem } from './cert/pool.ts'
import { readableItem } from './cert/readable.ts'
import { renewalItem } from './cert/renewal.ts'
import { subnetItem } from './cert/subnet.ts'
import { versionsItem } from './cert/versions.ts'

export const CERT_ITEMS: readonly CheckItem[] = [
  filesItem,
  readableItem,
  kindItem,
  chainItem,
  expiryItem,
  beginItem,
  caExpiryItem,
  keyPairItem,
  keyModeItem,
  subnetItem,
  poolItem,
  localOverlapItem,
  peersItem,
  peerOverlapItem,
  blockedItem,
  versionsItem,
  nebulaReadsItem,
  renewalItem,
]
