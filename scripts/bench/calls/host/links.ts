// Network namespaces and links of the bench. Names need not be unique: /run/netns is private to the bench
// (inside.ts).

import { execFileSync } from 'node:child_process'

/** The network namespace at the other end of the hosts' links. */
const OUTSIDE = 'outside'

export const OVERLAY_ADDRESS = '10.86.1.1/16'

/** Returns the path for CNI_NETNS. */
export function netnsPath(name: string): string {
  return `/run/netns/${name}`
}

/** Creates the namespace that all hosts are connected to. */
export function makeOutside(): void {
  ip([], [`netns add ${OUTSIDE}`])
}

/**
 * Creates a host: eth0 with a default route, and a link with the overlay address. A veth stands in for
 * Nebula's tun device, which has no carrier without a Nebula. To the plugins, a link with the overlay
 * network's route is Nebula.
 */
export function makeHostLinks(name: string): void {
  ip(
    [],
    [
      `netns add ${name}`,
      `link add eth0 netns ${name} type veth peer name ${name}-eth netns ${OUTSIDE}`,
      `link add nebula1 netns ${name} type veth peer name ${name}-neb netns ${OUTSIDE}`,
    ],
  )
  ip(['-n', OUTSIDE], [`link set ${name}-eth up`, `link set ${name}-neb up`])
  ip(
    ['-n', name],
    [
      'link set lo up',
      'link set eth0 up',
      'link set nebula1 mtu 1300 up',
      'address add 192.168.77.2/24 dev eth0',
      `address add ${OVERLAY_ADDRESS} dev nebula1`,
      'route add default via 192.168.77.1 dev eth0',
    ],
  )
}

/** Creates a namespace per name, each with its loopback up, as a runtime does before it calls ADD. */
export function makeContainers(names: readonly string[]): void {
  ip(
    [],
    names.map((name) => `netns add ${name}`),
  )
  for (const name of names) ip(['-n', name], ['link set lo up'])
}

/**
 * Deletes namespaces and the links in them. The kernel does this in the background, in parallel with
 * what follows.
 */
export function deleteNamespaces(names: readonly string[]): void {
  ip(
    [],
    names.map((name) => `netns delete ${name}`),
  )
}

function ip(options: readonly string[], commands: readonly string[]): void {
  execFileSync('ip', [...options, '-batch', '-'], { input: `${commands.join('\n')}\n` })
}
