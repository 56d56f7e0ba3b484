// Makes a plan for a host that has a Nebula configuration already: what the office has decided (lighthouses,
// ports, cipher, MTU) is taken from it, what follows from the certificate and from flatnet's settings is not.

import { type Ip, parseIp } from '../../addr/ip.ts'
import { parsePrefix, type Prefix } from '../../addr/prefix.ts'
import type { NebulaFacts } from '../../nebula/configuration/nebula-config.ts'
import { type Endpoint, type Lighthouse, NEBULA_DEFAULTS, type NebulaPlan } from './plan.ts'

/** What the certificate, flatnet's settings and the installed Nebula say of a host. */
type HostSide = Pick<
  NebulaPlan,
  'version' | 'name' | 'addresses' | 'pools' | 'subnets' | 'agentPort' | 'bridges' | 'pki'
>

/** Returns the plan of a host from its side and its existing configuration. */
export function adoptPlan(host: HostSide, facts: NebulaFacts): NebulaPlan {
  const isLighthouse = facts.lighthouse.amLighthouse === true
  const known = isLighthouse ? [...facts.staticHostMap.keys()] : facts.lighthouse.hosts
  return {
    ...NEBULA_DEFAULTS,
    ...host,
    isLighthouse,
    lighthouses: known.flatMap((overlay) => lighthouse(overlay, facts)),
    // Nebula's own default for a missing port is 0.
    listenPort: facts.listen.port ?? 0,
    allowFrom: groupsOf(facts),
    lans: facts.preferredRanges.flatMap((text) => parsePrefix(text) ?? []),
    routes: facts.tun.unsafeRoutes.flatMap(({ route, via: [via, ...others] }) => {
      const [subnet, gateway] = [parsePrefix(route), via === undefined ? undefined : parseIp(via)]
      const isOurs =
        subnet !== undefined && gateway !== undefined && others.length === 0 && isInside(subnet, host)
      return isOurs ? [{ subnet, via: gateway }] : []
    }),
    blocklist: facts.pki.blocklist,
    cipher: facts.cipher === 'chachapoly' ? 'chachapoly' : 'aes',
    device: facts.tun.dev ?? NEBULA_DEFAULTS.device,
    mtuBytes: facts.tun.mtu ?? NEBULA_DEFAULTS.mtuBytes,
    statsPort: loopbackPort(facts.stats.listen) ?? NEBULA_DEFAULTS.statsPort,
    usesRelays: facts.relay.useRelays !== false || facts.relay.amRelay === true,
    pki: { ...host.pki, ...paths(facts) },
  }
}

// Where the rules name groups, these; otherwise every host, as an open rule does.
function groupsOf({ firewall: { inbound } }: NebulaFacts): readonly string[] {
  const open = inbound.filter(
    ({ proto, port }) => proto === 'any' && (port === undefined || port === 'any' || port === '0'),
  )
  if (open.some(({ host, groups, cidr }) => host === 'any' || groups.includes('any') || cidr !== undefined))
    return []
  const groups = [...new Set(open.flatMap((rule) => (rule.groups.length === 1 ? rule.groups : [])))]
  return groups.length === 0 ? NEBULA_DEFAULTS.allowFrom : groups
}

function lighthouse(overlayText: string, { staticHostMap }: NebulaFacts): readonly Lighthouse[] {
  const overlay: Ip | undefined = parseIp(overlayText)
  if (overlay === undefined) return []
  const endpoints = (staticHostMap.get(overlayText) ?? []).flatMap((text) => endpoint(text) ?? [])
  return [{ overlay, endpoints }]
}

function endpoint(text: string): Endpoint | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text.trim())
  const host = match?.[1] ?? match?.[2]
  return host === undefined ? undefined : { host, port: Number(match?.[3]) }
}

function isInside(subnet: Prefix, { pools }: HostSide): boolean {
  return pools.some((pool) => pool.family === subnet.family && pool.length <= subnet.length)
}

function loopbackPort(listen: string | undefined): number | undefined {
  const port = /^(?:127\.0\.0\.1|localhost):(\d{1,5})$/.exec(listen ?? '')?.[1]
  return port === undefined ? undefined : Number(port)
}

// A configuration may hold the PEM texts themselves; then the paths of flatnet's settings are taken.
function paths({ pki }: NebulaFacts): Partial<NebulaPlan['pki']> {
  return {
    ...(pki.ca !== undefined && 'path' in pki.ca ? { ca: pki.ca.path } : {}),
    ...(pki.cert !== undefined && 'path' in pki.cert ? { cert: pki.cert.path } : {}),
    ...(pki.key !== undefined && 'path' in pki.key ? { key: pki.key.path } : {}),
  }
}
