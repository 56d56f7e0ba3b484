// Simulates two WSL2 hosts on one machine, with an agent and a container on each: the direct path through
// Nebula, the gateway path while Nebula silently drops everything or is stopped, and the way back. Real
// podman (4 with CNI, or with --podman 5 its network driver), real Nebula, real kernel; the commands shown
// are the ones that run. scripts/demo.sh sets everything up first.
import { parseArgs } from 'node:util'
import { whyNoPodman5 } from '../lab/podman5/packages.ts'
import { upLab } from '../lab/up.ts'
import { showReason, startAgents, waitForPath } from './agents.ts'
import { NARRATOR } from './narrator.ts'
import { showAddresses, showHttp, showPath, showPing, startWeb, type Web } from './web.ts'
import { startTraffic, type Traffic } from './traffic.ts'
import { nebulaVersion } from '../lab/nebula/packages.ts'
import type { OwnedLab } from '../lab/up.ts'

const { chapter, say, expect, verdict } = NARRATOR

/** The suite that podman 5 comes from. */
const SUITE = 'trixie'

function asksForPodman5(): boolean {
  const { values } = parseArgs({ options: { podman: { type: 'string', default: '4' } } })
  if (values.podman !== '4' && values.podman !== '5')
    throw new Error(`--podman ${values.podman}: 4 (this machine's, with CNI) or 5 (Debian ${SUITE}'s)`)
  if (values.podman === '4') return false
  const why = whyNoPodman5(SUITE)
  if (why !== false) throw new Error(why)
  return true
}

async function main(): Promise<boolean> {
  const isPodman5 = asksForPodman5()
  chapter('Two WSL2 hosts, each behind Windows, and a Nebula lighthouse on the LAN')
  const podman5 = { suite: SUITE, hosts: ['a', 'b'] } as const
  const lab = await upLab({ name: `demo${process.pid}`, hosts: 2, ...(isPodman5 ? { podman5 } : {}) })
  try {
    await tell(lab)
  } finally {
    await lab.down()
  }
  return verdict()
}

async function tell(lab: OwnedLab): Promise<void> {
  for (const { name, plan } of lab.hosts) {
    const { wsl, lan, overlay, subnet } = plan.v4
    say(
      `${name}: ${wsl} behind ${lan}; its Nebula certificate has the overlay address ${overlay} and the ` +
        `container subnet ${subnet}`,
    )
  }
  say(`Nebula ${await nebulaVersion(lab.record.nebula)}; addresses are configured nowhere else`)

  chapter('Start an agent and a container on each host, with podman and flatnet-cni')
  for (const host of lab.hosts) await NARRATOR.command(host, ['podman', '--version'])
  await NARRATOR.command(lab.host('a'), ['podman', 'network', 'ls'])
  await startAgents(lab)
  const a = await startWeb(lab.host('a'), 'web-a')
  const b = await startWeb(lab.host('b'), 'web-b')
  for (const web of [a, b]) await showAddresses(web)

  chapter('The agents try the direct path through Nebula, and switch to it')
  await waitForPath(lab, 'direct', 'the containers started')
  await bothPaths(a, b, 'nebula1')
  await bothWays(a, b)

  chapter(
    'Nebula keeps running, but its packets are silently dropped. A ping and one TCP connection are running',
  )
  const traffic = await startTraffic(a, b)
  await traffic.reaches('before', 10)
  await lab.cut([], 'underlay')
  await waitForPath(lab, 'gateway', 'the black hole began')
  say('the nebula links stay up: nothing reports the fault')
  await bothPaths(a, b, 'eth0')
  await bothWays(a, b)
  await traffic.reaches('on the gateway path', 20)
  await NARRATOR.command(a.host, ['flatnet-cni', 'status'])

  chapter('The black hole ends, and the agents return to the direct path')
  await lab.mend()
  await waitForPath(lab, 'direct', 'Nebula answered again')
  await bothPaths(a, b, 'nebula1')
  await traffic.reaches('on the direct path', 10)

  chapter('Nebula stops on both hosts, and starts again')
  await lab.cut()
  say('its interface is gone, and with it every route on it')
  await bothPaths(a, b, 'eth0')
  await traffic.reaches('without Nebula', 20)
  for (const { host } of [a, b]) await showReason(host, 'link-gone')
  await lab.mend()
  await waitForPath(lab, 'direct', 'Nebula answered again')
  await bothPaths(a, b, 'nebula1')
  await bothWays(a, b)
  await judge(traffic)

  chapter('The containers are removed, and their addresses are free again')
  for (const { host, name } of [a, b]) {
    await NARRATOR.command(host, ['podman', 'rm', '-f', '-t', '0', name])
    const { stdout } = await host.exec(['ip', '-brief', 'link', 'show', 'master', 'flatnet0'])
    expect(`${host.name}: no link is left on the bridge`, stdout === '')
  }
}

async function bothPaths(a: Web, b: Web, dev: 'nebula1' | 'eth0'): Promise<void> {
  await showPath(a, b, dev)
  await showPath(b, a, dev)
}

async function bothWays(a: Web, b: Web): Promise<void> {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    // prettier-ignore
    await showPing(from, to)
    await showHttp(from, to)
  }
}

async function judge(traffic: Traffic): Promise<void> {
  const { sent, received, linesSent, linesReceived } = await traffic.end()
  say(`ping across all switches: ${sent} sent, ${received} answered, ${sent - received} lost`)
  say(`one TCP connection across all switches: ${linesSent} lines sent, ${linesReceived} arrived`)
  expect('the TCP connection survived all switches and lost nothing', linesReceived === linesSent)
  // A handful at most: packets inside Nebula when it stops.
  expect('ping lost fewer than one packet in ten', received > sent * 0.9)
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  process.stdout.write(`\ndemo: FAILED, ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
