// The place where an idle agent is measured: this process's network namespace is the host, a second one holds
// all peers.
//
//   agent ── eth0 192.168.77.10 ═════ veth ═════ 192.168.77.1 ── peers
//         ── nebula1 10.86.0.0/16 ═══ veth ═════ 10.86.0.0/16 ─

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { PeersOrders } from './peers-program.ts'
import type { IdleHosts } from './settings.ts'

const MTU = 1300
// A tunnel resolves no link-layer addresses. With the same MAC at both ends and no ARP, a veth needs no
// resolution either, and carries only the agents' packets.
const MAC = '02:00:00:00:00:01'

/**
 * Mounts empty folders over the machine's folders that the agent uses; only this mount namespace sees them.
 */
export function hideMachine(work: string): void {
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run'])
  if (!existsSync('/etc/flatnet')) {
    const over = join(work, 'over')
    mkdirSync(over)
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', over])
    for (const name of ['upper', 'work']) mkdirSync(join(over, name))
    const options = `lowerdir=/etc,upperdir=${over}/upper,workdir=${over}/work`
    execFileSync('mount', ['-t', 'overlay', '-o', options, 'overlay', '/etc'])
    mkdirSync('/etc/flatnet')
  }
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/etc/flatnet'])
}

/** Creates the links and starts the peers, which begin immediately. */
export async function startPeers(hosts: IdleHosts): Promise<ChildProcess> {
  const program = join(import.meta.dirname, 'peers-program.ts')
  const child = spawn('unshare', ['--net', '--', process.execPath, program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  await once(child, 'spawn')
  // unshare(1) execs the program once the namespace exists.
  while (!isElsewhere(child.pid)) await new Promise((resolve) => setTimeout(resolve, 20))
  const pid = String(child.pid)
  const { own, peers, ca } = hosts
  const nebula = `nebula1 mtu ${String(MTU)} address ${MAC}`
  ip([
    'link set lo up',
    `link add name eth0 type veth peer name eth0 netns ${pid}`,
    `link add name ${nebula} type veth peer name ${nebula} netns ${pid}`,
    'address add 192.168.77.10/24 dev eth0',
    `address add ${own.overlay}/16 dev nebula1`,
    'link set nebula1 addrgenmode none arp off up',
    'link set eth0 up',
    'route add default via 192.168.77.1',
  ])
  const [p2p, gateway] = own.probed
  const orders: PeersOrders = {
    ca,
    own,
    peers,
    mtuBytes: MTU,
    batch: [
      'link set lo up',
      'address add 192.168.77.1/24 dev eth0',
      ...peers.flatMap(({ overlay, probed }) => [
        `address add ${overlay}/16 dev nebula1`,
        ...probed.map((address) => `address add ${address}/32 dev lo`),
      ]),
      'link set nebula1 addrgenmode none arp off up',
      'link set eth0 up',
      `route add ${p2p} dev nebula1`,
      `route add ${gateway} via 192.168.77.10 dev eth0`,
    ],
  }
  child.send(orders)
  await once(child, 'message')
  return child
}

/** Ends the peers, and waits until the links to them are gone with their namespace. */
export async function endPeers(peers: ChildProcess): Promise<void> {
  const ended = once(peers, 'exit')
  peers.kill('SIGKILL')
  await ended
  while (existsSync('/proc/sys/net/ipv4/conf/eth0')) await new Promise((resolve) => setTimeout(resolve, 20))
}

function ip(lines: readonly string[]): void {
  execFileSync('ip', ['-batch', '-'], { input: lines.join('\n') })
}

function isElsewhere(pid: number | undefined): boolean {
  const net = (of: string): string => execFileSync('readlink', [`/proc/${of}/ns/net`], { encoding: 'utf8' })
  return net(String(pid)) !== net('self')
}
