// Network namespaces and links of the bench. Names are free to choose: /run/netns is the bench's own (inside.ts).

import { execFileSync } from 'node:child_process'

/** A network namespace that stands for whatever is at the other end of the hosts' links. */
const OUTSIDE = 'outside'

export const OVERLAY_ADDRESS = '10.86.1.1/16'

/** Path that CNI_NETNS would have. */
export function netnsPath(name: string): string {
  return `/run/netns/${name}`
}

/** Makes what all hosts hang on. */
export function makeOutside(): void {
  ip([], [`netns add ${OUTSIDE}`])
}

/**
 * Makes a host: eth0 with a default route, and a link that holds the overlay address. A veth stands in for Nebula's tun
 * device, which has no carrier without a Nebula; to the plugins a link with the overlay network's route is Nebula.
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

/** Makes a namespace per name, each with its loopback up, as a runtime does before it calls ADD. */
export function makeContainers(names: readonly string[]): void {
  ip(
    [],
    names.map((name) => `netns add ${name}`),
  )
  for (const name of names) ip(['-n', name], ['link set lo up'])
}

/** Deletes namespaces; links in them go with them. The kernel takes its time with that, beside what comes next. */
export function deleteNamespaces(names: readonly string[]): void {
  ip(
    [],
    names.map((name) => `netns delete ${name}`),
  )
}

function ip(options: readonly string[], commands: readonly string[]): void {
  execFileSync('ip', [...options, '-batch', '-'], { input: `${commands.join('\n')}\n` })
}
