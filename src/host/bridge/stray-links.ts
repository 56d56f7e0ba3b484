// Links of living attachments that are on no bridge, because theirs was deleted and made again.

import { parseShown, type ShownLink } from '../../ip/show.ts'
import { ipBatchAnyway, ipShow } from '../../exec/network/ip.ts'
import { linkSetHairpin, linkSetMac, linkSetMasterUp } from '../../ip/link.ts'
import { hostLinkName, keyOfAlias } from '../../net/attachment.ts'
import { type BridgePlan, bridgeMac, isHairpin } from '../../net/plan.ts'
import { openStore } from '../../state/addresses/store.ts'
import type { BridgeSettings } from './bridge-traits.ts'

/**
 * Puts stray links back on the bridge that their records name, and lets the bridge announce
 * itself to them. Leaves a link that is on another bridge, and one whose ADD is in progress.
 * Skips links that disappear meanwhile.
 */
export async function putStrayLinksBack(
  bridge: BridgePlan,
  { stateDir, hairpinMode }: BridgeSettings,
): Promise<void> {
  const links = parseShown<ShownLink>(await ipShow(['link', 'show', 'type', 'veth']))
  const store = openStore(stateDir)
  const commands = links.flatMap(({ ifname: name = '', ifalias = '', master }) => {
    const key = keyOfAlias(ifalias)
    if (master !== undefined || key === undefined || hostLinkName(key) !== name) return []
    const record = store.peek(key)
    if (record?.phase !== 'up' || record.bridge !== bridge.name) return []
    const hairpin = isHairpin(record, hairpinMode) ? [linkSetHairpin(name)] : []
    return [linkSetMasterUp(name, bridge.name), ...hairpin]
  })
  if (commands.length === 0) return
  // The bridge announces its addresses when its MAC is set, even to the same value. An
  // earlier bridge may have had another.
  await ipBatchAnyway([...commands, linkSetMac(bridge.name, bridgeMac(bridge))])
}
