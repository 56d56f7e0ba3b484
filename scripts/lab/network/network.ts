// Makes the namespaces, links, addresses and routes of a lab. The Windows stand-ins are plain routers
// without NAT, so the gateway path is as it is where forwarding was enabled on Windows.
import { run } from '../run.ts'
import { FAMILY, familiesOf, type HostPlan, type Topology } from '../topology.ts'

const LAN_BRIDGE = 'lan0'

/** Makes LAN, lighthouse and every Windows stand-in; `setupHostNetwork` makes the hosts. */
export async function setupNetwork(topology: Topology): Promise<void> {
  const routers = topology.hosts.map((host) => host.windowsNetns)
  for (const netns of [topology.lanNetns, topology.lighthouseNetns, ...routers]) await addNetns(netns)
  for (const netns of routers) await forward(netns)
  const families = topology.ipv6 ? ([4, 6] as const) : ([4] as const)
  const lan = topology.lanNetns
  await batch(lan, [
    `link add ${LAN_BRIDGE} type bridge`,
    ...families.map((family) => address(LAN_BRIDGE, FAMILY[family].lanClient, FAMILY[family].lanBits)),
    `link set ${LAN_BRIDGE} up`,
    ...plug('lighthouse', topology.lighthouseNetns),
    ...topology.hosts.flatMap((host) => plug(`win-${host.letter}`, host.windowsNetns)),
  ])
  await batch(
    lan,
    topology.hosts.flatMap((host) => routesTo(host, false)),
  )
  await batch(topology.lighthouseNetns, [
    ...families.map((family) => address('eth0', FAMILY[family].lighthouse, FAMILY[family].lanBits)),
    'link set eth0 up',
    ...topology.hosts.flatMap((host) => routesTo(host, false)),
  ])
  for (const host of topology.hosts) await setupWindows(topology, host)
}

/**
 * Makes one host's namespace with eth0 on its Windows; also after a reboot has removed the old namespace.
 */
export async function setupHostNetwork(host: HostPlan): Promise<void> {
  await addNetns(host.netns)
  const families = familiesOf(host)
  await batch(host.windowsNetns, [
    `link add vEthernet type veth peer name eth0 netns ${host.netns}`,
    ...families.map(([family, own]) => address('vEthernet', own.windows, FAMILY[family].wslBits)),
    'link set vEthernet up',
    // This host's containers, via its own WSL2.
    ...families.map(([, own]) => `route add ${own.subnet} via ${own.wsl}`),
  ])
  await batch(host.netns, [
    ...families.map(([family, own]) => address('eth0', own.wsl, FAMILY[family].wslBits)),
    'link set eth0 up',
    ...families.map(([, own]) => `route add default via ${own.windows} dev eth0`),
  ])
}

/**
 * Removes the namespace and the Windows end of its link, even while a process still holds the namespace
 * open.
 */
export async function teardownHostNetwork(host: HostPlan): Promise<void> {
  await run(['ip', '-n', host.windowsNetns, 'link', 'delete', 'vEthernet'], { check: false })
  await run(['ip', 'netns', 'delete', host.netns], { check: false })
}

async function setupWindows(topology: Topology, host: HostPlan): Promise<void> {
  const others = topology.hosts.filter((other) => other !== host)
  await batch(host.windowsNetns, [
    ...familiesOf(host).map(([family, own]) => address('eth0', own.lan, FAMILY[family].lanBits)),
    'link set eth0 up',
    ...others.flatMap((other) => routesTo(other, true)),
  ])
}

/** Returns how a machine on the LAN reaches a host's WSL2 network, and its containers if asked for. */
function routesTo(host: HostPlan, withContainers: boolean): string[] {
  return familiesOf(host).flatMap(([, own]) => [
    `route add ${own.wslNet} via ${own.lan}`,
    ...(withContainers ? [`route add ${own.subnet} via ${own.lan}`] : []),
  ])
}

function plug(port: string, netns: string): string[] {
  return [
    `link add ${port} type veth peer name eth0 netns ${netns}`,
    `link set ${port} master ${LAN_BRIDGE}`,
    `link set ${port} up`,
  ]
}

// nodad: no other machine is on these links, and a tentative IPv6 address refuses traffic for a second:
// ip-address(8).
function address(dev: string, ip: string, bits: number): string {
  return `address add ${ip}/${bits} dev ${dev}${ip.includes(':') ? ' nodad' : ''}`
}

async function addNetns(netns: string): Promise<void> {
  await run(['ip', 'netns', 'add', netns])
  await run(['ip', '-n', netns, 'link', 'set', 'lo', 'up'])
  // Makes link-local addresses usable immediately; otherwise the first IPv6 packet waits for a second.
  await setSysctls(netns, { 'ipv6/conf/default/accept_dad': 0 })
}

async function forward(netns: string): Promise<void> {
  // rp_filter 0: the two directions of a connection may take different paths while only one side has
  // switched.
  await setSysctls(netns, {
    'ipv4/ip_forward': 1,
    'ipv4/conf/all/rp_filter': 0,
    'ipv4/conf/default/rp_filter': 0,
    'ipv4/conf/all/send_redirects': 0,
    'ipv4/conf/default/send_redirects': 0,
    'ipv6/conf/all/forwarding': 1,
  })
}

async function setSysctls(netns: string, settings: Readonly<Record<string, number>>): Promise<void> {
  const script = Object.entries(settings).map(([key, value]) => `echo ${value} > /proc/sys/net/${key}`)
  await run(['nsenter', `--net=/run/netns/${netns}`, 'sh', '-ec', script.join('\n')])
}

async function batch(netns: string, lines: readonly string[]): Promise<void> {
  await run(['ip', '-n', netns, '-batch', '-'], { input: `${lines.join('\n')}\n` })
}
