// The lab as data: names and addresses of every place, computed from the lab's name and the number of hosts.
// Pure.
//
//   lan (bridge, also the browser's place) 198.18.0.254/24
//    ├─ lighthouse 198.18.0.1, overlay 10.86.0.1
//    ├─ Windows A 198.18.0.11 ── vEthernet 172.20.1.1/24 ── eth0 172.20.1.2 WSL2 host-a
//    │                                                      overlay 10.86.1.1, containers 10.87.1.0/24
//    └─ Windows B 198.18.0.12 ── vEthernet 172.20.2.1/24 ── eth0 172.20.2.2 WSL2 host-b
//                                                           overlay 10.86.2.1, containers 10.87.2.0/24
//
// 198.18.0.0/15 is set aside for tests like these: RFC 2544, section C.2.2.

type FamilyNumber = 4 | 6

/** One host's values in one address family. Addresses have no prefix length; `…Net` and `subnet` do. */
interface HostAddresses {
  readonly lan: string
  readonly windows: string
  readonly wsl: string
  readonly wslNet: string
  readonly overlay: string
  readonly subnet: string
}

export interface HostPlan {
  /** `a` for the first. */
  readonly letter: string
  readonly name: string
  /** 1 for host-a; the number in its addresses. */
  readonly index: number
  readonly netns: string
  readonly windowsNetns: string
  readonly v4: HostAddresses
  readonly v6: HostAddresses | undefined
}

export interface Topology {
  readonly name: string
  readonly ipv6: boolean
  readonly lanNetns: string
  readonly lighthouseNetns: string
  readonly hosts: readonly HostPlan[]
}

interface FamilyConstants {
  readonly lanClient: string
  readonly lighthouse: string
  readonly lighthouseOverlay: string
  readonly lanBits: number
  readonly wslBits: number
  readonly overlayBits: number
  readonly overlayNet: string
  readonly pool: string
  readonly wslNets: string
}

export const FAMILY: Readonly<Record<FamilyNumber, FamilyConstants>> = {
  4: {
    lanClient: '198.18.0.254',
    lighthouse: '198.18.0.1',
    lighthouseOverlay: '10.86.0.1',
    lanBits: 24,
    wslBits: 24,
    overlayBits: 16,
    overlayNet: '10.86.0.0/16',
    pool: '10.87.0.0/16',
    wslNets: '172.20.0.0/16',
  },
  6: {
    lanClient: 'fd98::fe',
    lighthouse: 'fd98::1',
    lighthouseOverlay: 'fd86::1',
    lanBits: 64,
    wslBits: 64,
    overlayBits: 64,
    overlayNet: 'fd86::/64',
    pool: 'fd87::/48',
    wslNets: 'fd20::/48',
  },
}

export const NEBULA_PORT = 4242
export const NEBULA_DEVICE = 'nebula1'
/** In bytes: Nebula's default, and what containers get. */
export const NEBULA_MTU = 1300

// No hyphen: the names of the places are the lab's name and a role, joined by a hyphen, and must not be
// ambiguous.
const LAB_NAME = /^[a-z][a-z0-9]{0,19}$/
const MOST_HOSTS = 26

/** Plans a lab. @throws Error when the name or the number of hosts cannot be used */
export function planTopology(name: string, hostCount: number, ipv6: boolean): Topology {
  if (!LAB_NAME.test(name))
    throw new Error(`lab name '${name}': 1 to 20 lower-case letters and digits, a letter first`)
  if (!Number.isInteger(hostCount) || hostCount < 1 || hostCount > MOST_HOSTS) {
    throw new Error(`number of hosts ${hostCount}: 1 to ${MOST_HOSTS}`)
  }
  const hosts = Array.from({ length: hostCount }, (_, position) => planHost(name, position + 1, ipv6))
  return {
    name,
    ipv6,
    lanNetns: netnsName(name, 'lan'),
    lighthouseNetns: netnsName(name, 'lighthouse'),
    hosts,
  }
}

/** Tells whether a lab of this name could have made a namespace of that name. */
export function isNetnsOf(name: string, netns: string): boolean {
  const role = netns.startsWith(netnsName(name, '')) ? netns.slice(netnsName(name, '').length) : ''
  return /^(lan|lighthouse|win-[a-z]|wsl-[a-z])$/.test(role)
}

/** Returns the address families of a lab, and a host's addresses in each. */
export function familiesOf(host: HostPlan): [FamilyNumber, HostAddresses][] {
  return host.v6 === undefined ? [[4, host.v4]] : [[4, host.v4], [6, host.v6]] // prettier-ignore
}

function planHost(lab: string, index: number, ipv6: boolean): HostPlan {
  const letter = String.fromCodePoint(96 + index)
  return {
    letter,
    name: `host-${letter}`,
    index,
    netns: netnsName(lab, `wsl-${letter}`),
    windowsNetns: netnsName(lab, `win-${letter}`),
    v4: {
      lan: `198.18.0.${10 + index}`,
      windows: `172.20.${index}.1`,
      wsl: `172.20.${index}.2`,
      wslNet: `172.20.${index}.0/24`,
      overlay: `10.86.${index}.1`,
      subnet: `10.87.${index}.0/24`,
    },
    v6: ipv6 ? planHostV6(index) : undefined,
  }
}

function planHostV6(index: number): HostAddresses {
  return {
    lan: `fd98::${10 + index}`,
    windows: `fd20:0:0:${index}::1`,
    wsl: `fd20:0:0:${index}::2`,
    wslNet: `fd20:0:0:${index}::/64`,
    overlay: `fd86::${index}:1`,
    subnet: `fd87:0:0:${index}::/64`,
  }
}

function netnsName(lab: string, role: string): string {
  return `flatnet-${lab}-${role}`
}
