// Gathers the state of the containers' bridge, and the links that belong on it.

import { bridgeAddress } from '../../addr/range.ts'
import { formatPrefix } from '../../addr/prefix.ts'
import type { Facts } from '../../check/facts.ts'
import { lookAtBridge, otherPorts } from '../../host/bridge/bridge-traits.ts'
import { readSysctl } from '../../exec/network/sysctl.ts'
import { freeTheName, whatHasTheName } from '../../ip/bridge-details.ts'
import { describeKey } from '../../net/attachment.ts'
import { bridgeMac } from '../../net/plan.ts'
import { livenessOf } from '../../state/liveness.ts'
import { openStore } from '../../state/addresses/store.ts'
import type { GatherContext } from '../context.ts'
import { believed } from './identity.ts'

export async function gatherBridge({ get }: GatherContext): Promise<Facts['bridge']> {
  const [{ bridge: name, stateDir }, { subnets }, links] = await Promise.all([
    get('settings'),
    believed(get),
    get('links'),
  ])
  const link = links.find((each) => each.name === name)
  const found = await lookAtBridge(name)
  const problem = found === undefined ? undefined : whatHasTheName(name, found)
  const hasStp = found?.hasStp ?? false
  const addresses = subnets.map(bridgeAddress)
  const living = openStore(stateDir)
    .list()
    .records.filter(
      (record) => record.phase === 'up' && record.hostLink !== '' && livenessOf(record) === 'alive',
    )
  return {
    name,
    exists: link !== undefined,
    isUp: link?.isUp ?? false,
    obstacle:
      found === undefined || problem === undefined
        ? undefined
        : { problem, remedy: freeTheName(name, found) },
    mac: problem === undefined ? found?.mac : undefined,
    wantedMac: addresses.length === 0 ? undefined : bridgeMac({ addresses }),
    acceptsAdvertisements: (readSysctl(`ipv6/conf/${name}/accept_ra`) ?? '0') !== '0',
    hasStp,
    otherPorts: hasStp ? await otherPorts(name) : [],
    addresses: (link?.addresses ?? []).map(formatPrefix).filter((text) => !/^fe[89ab]/.test(text)),
    wantedAddresses: addresses.map(formatPrefix),
    ports: links.filter(({ master }) => master === name).length,
    strays: living.flatMap((record) => {
      const own = links.find((each) => each.name === record.hostLink)
      if (own === undefined || own.master === record.bridge) return []
      const { hostLink, bridge } = record
      return [{ link: hostLink, attachment: describeKey(record), bridge, master: own.master }]
    }),
    isNeeded: living.some(({ bridge }) => bridge === name),
  }
}
