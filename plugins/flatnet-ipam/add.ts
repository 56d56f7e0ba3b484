// ADD of the IPAM plugin: one address per family of the host's certificate, the gateway, and the routes to go with them.

import { formatIp } from '../../src/addr/ip.ts'
import { formatPrefix, type Prefix } from '../../src/addr/prefix.ts'
import { bridgeAddress } from '../../src/addr/range.ts'
import { type CniResult, renderResult, type ResultRoute } from '../../src/cni/result.ts'
import type { IpamConf } from '../../src/config/ipam-conf.ts'
import { parseRequest } from '../../src/config/request.ts'
import { refuseRootless } from '../../src/exec/proc.ts'
import { loadIdentity } from '../../src/host/identity.ts'
import { loadSettings } from '../../src/host/settings.ts'
import type { AttachmentRecord } from '../../src/net/attachment.ts'
import { bootId, thisProcess } from '../../src/state/liveness.ts'
import { openStore } from '../../src/state/store.ts'
import { type Call, keyOf } from '../call.ts'
import { enterableNetns } from '../netns.ts'

/** Serves ADD; returns the result's text. @throws CniError, with nothing left behind */
export async function cmdAdd(call: Call<IpamConf>): Promise<string> {
  const { environment, conf, now, log } = call
  refuseRootless()
  // A MAC in CNI_ARGS is for the plugin that makes the link.
  const args = [...environment.args].filter(([name]) => name !== 'MAC')
  const request = parseRequest(conf, new Map(args))
  const settings = loadSettings(conf.own)
  // Whether the namespace may be the host's own is for the caller to say; we only have to know it again.
  const netns = enterableNetns(environment.netns, true)
  const identity = await loadIdentity(settings, Math.floor(now.getTime() / 1000))
  for (const warning of identity.warnings)
    log('warn', 'host certificate', { file: settings.nebula.cert, error: warning })
  const key = keyOf(call)
  const store = openStore(settings.stateDir)
  const { addresses, record } = await store.reserve({
    key,
    wanted: identity.subnets.map((subnet) => ({ subnet })),
    requested: request.ips,
    netns,
    makeRecord: (chosen): AttachmentRecord => ({
      ...key,
      version: 1,
      phase: 'adding',
      bootId: bootId(),
      netns,
      // Links are the caller's, so the record's life hangs on the namespace.
      hostLink: '',
      mac: '',
      addresses: chosen.map(formatPrefix),
      bridge: '',
      ...(request.containerName === undefined ? {} : { containerName: request.containerName }),
      owner: thisProcess(),
      since: now.toISOString(),
    }),
  })
  await store.commit(record)
  return renderResult(describeResult(addresses, conf.routes), conf.cniVersion)
}

// SPEC 1.1.0, section 4: no interfaces, and addresses without an index into them.
function describeResult(addresses: readonly Prefix[], asked: readonly ResultRoute[]): CniResult {
  const ips = addresses.map((address) => ({
    address: formatPrefix(address),
    gateway: formatIp(bridgeAddress(address)),
  }))
  const defaults = ips.map(({ address, gateway }) => ({
    dst: address.includes(':') ? '::/0' : '0.0.0.0/0',
    gw: gateway,
  }))
  const missing = defaults.filter(({ dst }) => !asked.some((route) => route.dst === dst))
  return { interfaces: [], ips, routes: [...missing, ...asked], dns: {} }
}
