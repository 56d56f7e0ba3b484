// Turns what Windows and this host say into the steps that set Windows up, in order.

import { formatIp, parseIp } from '../../addr/ip.ts'
import { contains, formatPrefix, type Prefix } from '../../addr/prefix.ts'
import type { WslMode } from '../host/surroundings.ts'
import { parseIni } from './ini.ts'
import type { WindowsFacts, WindowsInterface } from './facts.ts'
import type { WindowsStep } from './step.ts'
import { distributionName, hostAddress } from './values.ts'
import { keepRunningStep } from './wsl-config.ts'

/** This host, as Windows has to know it. */
export interface WslHost {
  readonly mode: WslMode
  readonly distribution: string
  /** Its own address, and that of Windows as its default gateway. */
  readonly address: string
  readonly gateway: string
  readonly pools: readonly Prefix[]
  readonly subnets: readonly Prefix[]
  readonly isLighthouse: boolean
  /** UDP; 0 where Nebula takes any. */
  readonly nebulaPort: number
  /** TCP, of the HTTP Gateway. */
  readonly httpPort: number
}

/** A host subnet, and the address on the LAN that leads to it. */
export interface PeerRoute {
  readonly destination: string
  readonly nextHop: string
}

export interface WindowsPlan {
  readonly steps: readonly WindowsStep[]
  /** What no step does, and why. */
  readonly notes: readonly string[]
}

/** The scripts that stay on Windows. The setup script itself has the text of the last one, too. */
export const INSTALLED_SCRIPTS = [
  'flatnet-record.ps1',
  'flatnet-network.ps1',
  'flatnet-sync.ps1',
  'flatnet-undo.ps1',
] as const

/** Below %LocalAppData%: what the agent asks for. */
export const WANTED_FILE = 'flatnet\\wanted.json'

/**
 * Plans. In nat mode Windows is a router: it forwards between WSL2 and the LAN, and a task keeps routes
 * and port proxy right. In mirrored mode WSL2 has the addresses of Windows, so that firewalls alone are
 * in the way.
 * @throws CniError InvalidConfig for values that are not what they should be
 */
export function planWindows(facts: WindowsFacts, host: WslHost, peers: readonly PeerRoute[]): WindowsPlan {
  const notes: string[] = []
  const idle = keepRunningStep(facts)
  const files: WindowsStep[] = [
    ...INSTALLED_SCRIPTS.map((name) => ({ kind: 'script', name }) as const),
    ...(idle === undefined ? [] : [idle]),
  ]
  const distribution = distributionName(host.distribution, 'WSL_DISTRO_NAME')
  const last: WindowsStep = { kind: 'keep-alive', distribution, sid: facts.sid }
  switch (host.mode) {
    case 'nat':
      return { steps: [...files, ...natSteps(facts, host, peers, notes), last], notes }
    case 'mirrored':
      return { steps: [...files, ...mirroredSteps(facts, host), last], notes }
    case 'none':
    case 'virtioproxy':
    case 'other':
      notes.push(
        `networking mode ${host.mode}: no other host reaches this one; set networkingMode=nat or mirrored ` +
          `in [wsl2] of ${facts.wslConfig.path}, run wsl --shutdown, and join again`,
      )
      return { steps: [...files, last], notes }
  }
}

function natSteps(
  facts: WindowsFacts,
  host: WslHost,
  peers: readonly PeerRoute[],
  notes: string[],
): readonly WindowsStep[] {
  const address = hostAddress(host.address, 'eth0')
  if (host.isLighthouse)
    notes.push(
      "a lighthouse behind WSL2's NAT is found by no host, because Windows forwards no UDP to it: use " +
        'mirrored mode, a Linux machine, or Nebula on Windows (docs/windows.md)',
    )
  const wsl = interfaceOf(facts, hostAddress(host.gateway, 'default gateway'))
  const lan = lanInterface(facts, wsl)
  if (wsl === undefined || lan === undefined) {
    notes.push(
      wsl === undefined
        ? `no interface of Windows has ${host.gateway}, the default gateway of WSL2: there is no gateway path`
        : 'Windows has no default route, so its LAN is unknown: connect it, and join again',
    )
    return []
  }
  const isTaken = facts.listening.has(host.httpPort)
  if (isTaken)
    notes.push(
      `a program of Windows listens on TCP ${String(host.httpPort)}, so the HTTP Gateway cannot be ` +
        'forwarded there: stop it, or choose another httpGateway.port in /etc/flatnet/flatnet.json, and ' +
        'join again',
    )
  const httpPort = isTaken ? 0 : host.httpPort
  const pools = host.pools.filter(({ family }) => family === 4)
  const routes = host.subnets
    .filter(({ family }) => family === 4)
    .map((subnet) => ({ destination: formatPrefix(subnet), nextHop: address, alias: wsl.alias }))
  const others = peers.filter(({ nextHop }) => isNeighbour(lan, nextHop))
  const settings = {
    version: 1,
    pools: pools.map(formatPrefix),
    wsl: wsl.alias,
    lan: lan.alias,
    httpPort,
    wanted: `${facts.localData}\\${WANTED_FILE}`,
  }
  return [
    { kind: 'settings', text: JSON.stringify(settings) },
    { kind: 'forwarding', alias: wsl.alias },
    { kind: 'forwarding', alias: lan.alias },
    ...[...routes, ...others.map((each) => ({ ...each, alias: lan.alias }))].map(
      (route) => ({ kind: 'route', ...route }) as const,
    ),
    ...(isTaken
      ? []
      : [
          { kind: 'port-proxy', port: httpPort, address, alias: wsl.alias } as const,
          { kind: 'firewall', name: 'flatnet-http', protocol: 'TCP', port: httpPort } as const,
        ]),
    ...poolRules(facts, pools),
    { kind: 'sync-task' },
  ]
}

function mirroredSteps(facts: WindowsFacts, host: WslHost): readonly WindowsStep[] {
  if (!isFiltered(facts)) return []
  const ports: readonly WindowsStep[] = [
    { kind: 'hyper-v-port', name: 'flatnet-http', protocol: 'TCP', port: host.httpPort },
    ...(host.nebulaPort === 0
      ? []
      : [{ kind: 'hyper-v-port', name: 'flatnet-nebula', protocol: 'UDP', port: host.nebulaPort } as const]),
  ]
  return [
    ...ports,
    ...poolRules(
      facts,
      host.pools.filter(({ family }) => family === 4),
    ),
  ]
}

// Packets on the gateway path keep the container's address.
function poolRules(facts: WindowsFacts, pools: readonly Prefix[]): readonly WindowsStep[] {
  if (!isFiltered(facts)) return []
  return pools.map((pool, index) => ({
    kind: 'hyper-v-pool',
    name: `flatnet-pool-${String(index + 1)}`,
    from: formatPrefix(pool),
  }))
}

function isFiltered({ hasHyperVFirewall, wslConfig: { bytes } }: WindowsFacts): boolean {
  const isOff =
    parseIni(bytes?.toString('latin1') ?? '')
      .get('wsl2.firewall')
      ?.toLowerCase() === 'false'
  return hasHyperVFirewall && !isOff
}

function interfaceOf({ interfaces }: WindowsFacts, address: string): WindowsInterface | undefined {
  return interfaces.find(({ addresses }) =>
    addresses.some((prefix) => formatIp({ family: prefix.family, value: prefix.value }) === address),
  )
}

// The one that leads to the Internet, as Windows itself chooses.
function lanInterface(
  { interfaces }: WindowsFacts,
  wsl: WindowsInterface | undefined,
): WindowsInterface | undefined {
  return interfaces
    .filter((each) => each !== wsl && each.isConnected && each.defaultMetric !== undefined)
    .toSorted((a, b) => (a.defaultMetric ?? 0) - (b.defaultMetric ?? 0))[0]
}

/** Whether an address is a neighbour on an interface. */
function isNeighbour({ addresses }: Pick<WindowsInterface, 'addresses'>, address: string): boolean {
  const ip = parseIp(address)
  return ip !== undefined && addresses.some((prefix) => contains(prefix, ip))
}
