// Two WSL2 hosts on one machine: an agent and a container on each, the direct path through Nebula, the gateway path when Nebula
// loses everything without a word or is gone, and back. Real podman, real Nebula, real kernel; the commands shown are the ones
// that run. scripts/demo.sh sets up first.
import { upLab } from './lab/up.ts'
import { showReason, startAgents, waitForPath } from './demo/agents.ts'
import { NARRATOR } from './demo/narrator.ts'
import { showAddresses, showHttp, showPath, showPing, startWeb, type Web } from './demo/web.ts'
import { startTraffic, type Traffic } from './demo/traffic.ts'
import { nebulaVersion } from './lab/packages.ts'
import type { OwnedLab } from './lab/up.ts'

const { chapter, say, expect, verdict } = NARRATOR

async function main(): Promise<boolean> {
  chapter('Two WSL2 hosts, each behind its own Windows, and a Nebula lighthouse on the LAN')
  const lab = await upLab({ name: `demo${process.pid}`, hosts: 2 })
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
    say(`${name}: ${wsl} behind ${lan}; its Nebula certificate says ${overlay} and containers ${subnet}`)
  }
  say(`Nebula ${await nebulaVersion(lab.record.nebula)}; nothing else knows who has which addresses`)

  chapter('An agent and a container on each host, by podman and flatnet-cni')
  await startAgents(lab)
  const a = await startWeb(lab.host('a'), 'web-a')
  const b = await startWeb(lab.host('b'), 'web-b')
  for (const web of [a, b]) await showAddresses(web)

  chapter('The agents try the direct path through Nebula, and take it')
  await waitForPath(lab, 'direct', 'the containers had started')
  await bothPaths(a, b, 'nebula1')
  await bothWays(a, b)

  chapter(
    'Nebula goes on, but nothing that it sends arrives any more: a ping and one TCP connection are running',
  )
  const traffic = await startTraffic(a, b)
  await traffic.reaches('before', 10)
  await lab.cut([], 'underlay')
  await waitForPath(lab, 'gateway', 'the black hole began')
  say('the nebula links are up, as if nothing had happened')
  await bothPaths(a, b, 'eth0')
  await bothWays(a, b)
  await traffic.reaches('on the gateway path', 20)
  await NARRATOR.command(a.host, ['flatnet-cni', 'status'])

  chapter('The black hole ends, and the agents take the direct path again')
  await lab.mend()
  await waitForPath(lab, 'direct', 'Nebula answered again')
  await bothPaths(a, b, 'nebula1')
  await traffic.reaches('on the direct path', 10)

  chapter('Nebula stops on both hosts, and runs again')
  await lab.cut()
  say('its device is gone, and the routes on it')
  await bothPaths(a, b, 'eth0')
  await traffic.reaches('without Nebula', 20)
  await lab.mend()
  await waitForPath(lab, 'direct', 'Nebula answered again')
  await bothPaths(a, b, 'nebula1')
  await bothWays(a, b)
  await judge(traffic)
  await showReason(a.host, 'link-gone')

  chapter('The containers go, and their addresses are free again')
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
  say(`ping over all switches: ${sent} sent, ${received} answered, ${sent - received} lost`)
  say(`one TCP connection over all switches: ${linesSent} lines sent, ${linesReceived} arrived`)
  expect('the TCP connection lived through all switches and lost nothing', linesReceived === linesSent)
  // A handful at most: what is on its way inside Nebula while that ends.
  expect('ping lost less than one in ten', received > sent * 0.9)
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  process.stdout.write(`\ndemo: FAILED, ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
