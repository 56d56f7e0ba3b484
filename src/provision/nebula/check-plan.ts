// Refuses plans that Nebula would refuse, misread, or run with a known hole.

import { parseIp } from '../../addr/ip.ts'
import { covers, formatPrefix, networkOf, overlaps } from '../../addr/prefix.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import { isAtLeast } from '../../program-version.ts'
import { FOLLOWS_SYSTEM_ROUTES, type NebulaPlan } from './plan.ts'

/** Checks a plan. @throws CniError InvalidConfig that names the value and what to do */
export function checkNebulaPlan(plan: NebulaPlan): void {
  const [problem] = [
    ...versionProblems(plan),
    ...textProblems(plan),
    ...numberProblems(plan),
    ...networkProblems(plan),
    ...lighthouseProblems(plan),
    ...shellProblems(plan),
  ]
  if (problem !== undefined) throw new CniError(CniCode.InvalidConfig, 'cannot configure Nebula', problem)
}

function* versionProblems({
  version,
  addresses,
  routes,
  subnets,
  isLighthouse,
}: NebulaPlan): Iterable<string> {
  if (!/^\d{1,4}\.\d{1,4}\.\d{1,4}$/.test(version)) {
    yield `version: ${shown(version)} is not a version such as 1.11.0; see nebula -version`
    return
  }
  if (!isAtLeast(version, '1.6.1')) yield `version: Nebula ${version} is too old; install 1.9.7 or later`
  if (isAtLeast(version, '1.9.4') && !isAtLeast(version, '1.9.7')) {
    yield `version: with Nebula ${version} hosts can forge addresses (CVE-2025-62820); install 1.9.7 or later`
  }
  if (addresses.some(({ family }) => family === 6) && !isAtLeast(version, '1.10.0'))
    yield `addresses: Nebula ${version} cannot carry IPv6; install 1.10 or later, or leave IPv6 out`
  if (
    !isAtLeast(version, FOLLOWS_SYSTEM_ROUTES) &&
    !isLighthouse &&
    subnets.length > 0 &&
    routes.length === 0
  )
    yield `routes: Nebula ${version} does not follow the kernel's routes; list the subnet of every other host`
}

// No control, format or separator characters other than blanks, and no halves of surrogate pairs.
const VISIBLE = /^[^\p{C}\p{Zl}\p{Zp}]+$/u
const PATH = /^(?:\/|[A-Za-z]:[/\\])[^\p{C}\p{Zl}\p{Zp}]{0,4095}$/u
// dev_valid_name(): 1 to 15 bytes, no "/", ":" or white space.
const LINK = /^(?!\.{1,2}$)[\w.+-]{1,15}$/

function* textProblems({ name, pki, allowFrom, blocklist, device, bridges }: NebulaPlan): Iterable<string> {
  if (!VISIBLE.test(name) || name.length > 253) yield `name: ${shown(name)} is not a name of a certificate`
  for (const [key, path] of Object.entries(pki)) {
    // Nebula takes text with "-----BEGIN" for the PEM itself (pki.go).
    if (!PATH.test(path) || path.includes('-----BEGIN'))
      yield `pki.${key}: ${shown(path)} is not an absolute path`
  }
  for (const group of allowFrom) {
    if (!VISIBLE.test(group) || group.length > 253)
      yield `allowFrom: ${shown(group)} is not a name of a group`
    // firewall.go: a group of this name stands for every host.
    if (group === 'any')
      yield 'allowFrom: "any" means every host in Nebula; leave the group out to allow all hosts'
  }
  for (const fingerprint of blocklist) {
    if (!/^[0-9a-f]{64}$/.test(fingerprint))
      yield `blocklist: ${shown(fingerprint)} is not a fingerprint of 64 lowercase hexadecimal digits`
  }
  for (const link of [device, ...bridges]) {
    if (!LINK.test(link))
      yield `device or bridges: ${shown(link)} is not a name of a link (1 to 15 letters, digits, . _ + -)`
  }
}

function* numberProblems({
  listenPort,
  agentPort,
  statsPort,
  mtuBytes,
  isLighthouse,
  addresses,
}: NebulaPlan): Iterable<string> {
  const least = isLighthouse ? 1 : 0
  if (!isPort(listenPort, least))
    yield (
      `listenPort: ${String(listenPort)} is not a port from ${String(least)} to ` +
      `65535${isLighthouse ? '; a lighthouse needs a fixed one' : ''}`
    )
  if (!isPort(agentPort, 1)) yield `agentPort: ${String(agentPort)} is not a port from 1 to 65535`
  if (!isPort(statsPort, 1)) yield `statsPort: ${String(statsPort)} is not a port from 1 to 65535`
  // RFC 8200, section 5: IPv6 needs 1280. RFC 791, section 3.1: every IPv4 host takes 576.
  const leastMtu = addresses.some(({ family }) => family === 6) ? 1280 : 576
  if (!Number.isInteger(mtuBytes) || mtuBytes < leastMtu || mtuBytes > 8900)
    yield `mtuBytes: ${String(mtuBytes)} is not a whole number from ${String(leastMtu)} to 8900`
}

function* networkProblems({ addresses, pools, subnets, routes }: NebulaPlan): Iterable<string> {
  if (addresses.length === 0) yield 'addresses: the certificate has no overlay address'
  for (const pool of pools) {
    const inside = addresses.find((own) => overlaps(own, pool))
    // overlay/route.go refuses routes inside the overlay network when Nebula starts.
    if (inside !== undefined)
      yield (
        `pools: ${formatPrefix(pool)} overlaps the overlay network ` +
        `${formatPrefix(networkOf(inside))}; choose another pool`
      )
  }
  for (const subnet of [...subnets, ...routes.map((route) => route.subnet)]) {
    if (!pools.some((pool) => covers(pool, subnet)))
      yield `subnets: ${formatPrefix(subnet)} is outside the pool ${pools.map(formatPrefix).join(' and ')}`
  }
  for (const { subnet, via } of routes) {
    if (!addresses.some((own) => covers(networkOf(own), { ...via, length: subnet.family === 4 ? 32 : 128 })))
      yield `routes: the gateway of ${formatPrefix(subnet)} is outside the overlay network`
  }
}

// Since 1.7 Nebula resolves names in the background (static_map.cadence).
const RESOLVES_LATER = '1.7.0'

// RFC 1123, section 2.1, with the underscore that Windows allows in names.
const DNS_NAME = /^(?=.{1,253}$)[A-Za-z0-9_](?:[\w-]{0,61}\w)?(?:\.[A-Za-z0-9_](?:[\w-]{0,61}\w)?)*$/

function* lighthouseProblems({
  lighthouses,
  isLighthouse,
  addresses,
  version,
}: NebulaPlan): Iterable<string> {
  if (!isLighthouse && lighthouses.length === 0) yield 'lighthouses: a host needs at least one lighthouse'
  for (const { overlay, endpoints } of lighthouses) {
    if (!addresses.some((own) => covers(networkOf(own), { ...overlay, length: own.family === 4 ? 32 : 128 })))
      yield 'lighthouses: a lighthouse has an address outside the overlay network'
    if (endpoints.length === 0) yield 'lighthouses: a lighthouse has no address on the LAN'
    for (const { host, port } of endpoints) {
      const isNumber = /^[\d.]+$/.test(host)
      if (parseIp(host) === undefined && (isNumber || !DNS_NAME.test(host)))
        yield `lighthouses: ${shown(host)} is neither an IP address nor a DNS name`
      else if (parseIp(host) === undefined && !isAtLeast(version, RESOLVES_LATER))
        yield (
          `lighthouses: ${shown(host)}: Nebula ${version} does not start while it cannot resolve a ` +
          'name; use the IP address'
        )
      if (!isPort(port, 1)) yield `lighthouses: ${String(port)} is not a port from 1 to 65535`
    }
  }
}

const PUBLIC_KEY = /^(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/]{32,8192}={0,2}$/

function* shellProblems({ shell }: NebulaPlan): Iterable<string> {
  if (shell === undefined) return
  if (!isPort(shell.port, 1) || shell.port === 22)
    yield `shell.port: ${String(shell.port)} is not a port other than 22`
  if (!PATH.test(shell.hostKey)) yield `shell.hostKey: ${shown(shell.hostKey)} is not an absolute path`
  if (!/^[A-Za-z_][\w.-]{0,31}$/.test(shell.user)) yield `shell.user: ${shown(shell.user)} is not a user name`
  if (!PUBLIC_KEY.test(shell.authorizedKey))
    yield `shell.authorizedKey: ${shown(shell.authorizedKey)} is not a public key without comment`
}

function isPort(port: number, least: number): boolean {
  return Number.isInteger(port) && port >= least && port <= 65_535
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 80))
}
