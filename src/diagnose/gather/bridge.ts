// The bridge of the containers and the links that belong on it.

import { bridgeAddress } from '../../addr/range.ts'
import { formatPrefix } from '../../addr/prefix.ts'
import type { Facts } from '../../check/facts.ts'
import { describeKey } from '../../net/attachment.ts'
import { judge } from '../../state/liveness.ts'
import { openStore } from '../../state/store.ts'
import type { GatherContext } from '../context.ts'
import { believed } from './identity.ts'

export async function gatherBridge({ get }: GatherContext): Promise<Facts['bridge']> {
  const [{ bridge: name, stateDir }, { subnets }, links] = await Promise.all([
    get('settings'),
    believed(get),
    get('links'),
  ])
  const link = links.find((each) => each.name === name)
  const living = openStore(stateDir)
    .list()
    .records.filter((record) => record.phase === 'up' && record.hostLink !== '' && judge(record) === 'alive')
  return {
    name,
    exists: link !== undefined,
    isUp: link?.isUp ?? false,
    addresses: (link?.addresses ?? []).map(formatPrefix).filter((text) => !/^fe[89ab]/.test(text)),
    wantedAddresses: subnets.map(bridgeAddress).map(formatPrefix),
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
