// ADD of the IPAM plugin: returns one address per family of the host's certificate, the
// gateway, and the routes.

import { formatIp } from '../../../src/addr/ip.ts'
import { formatPrefix, type Prefix } from '../../../src/addr/prefix.ts'
import { bridgeAddress } from '../../../src/addr/range.ts'
import { type CniResult, renderResult, type ResultRoute } from '../../../src/cni/result.ts'
import type { IpamConf } from '../../../src/config/cni/ipam-conf.ts'
import { parseRequest } from '../../../src/config/cni/request.ts'
import { leaseAddresses } from '../../../src/host/attachments/lease.ts'
import type { Call } from '../call.ts'

/** Serves ADD and returns the result's text. @throws CniError, with nothing left behind */
export async function cmdAdd({ environment, conf, now, log }: Call<IpamConf>): Promise<string> {
  // A MAC in CNI_ARGS is for the plugin that makes the link.
  const args = new Map([...environment.args].filter(([name]) => name !== 'MAC'))
  // The calling plugin decides whether the namespace may be the host's own.
  const request = parseRequest(conf, { ...environment, args, allowOwnNetns: true })
  const addresses = await leaseAddresses(request, now, log)
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
