// Two hosts with real Nebula and an agent each carry real flows during faults: what is lost, and what the
// agents report.
import t from 'tap'
import { addContainer } from '../../../scripts/bench/failover/container.ts'
import { serveFlows, startFlows } from '../../../scripts/bench/failover/flows.ts'
import { startAgent, stopAgent } from '../../../scripts/lab/host/agent.ts'
import { impair, type Impairment } from '../../../scripts/lab/network/impair.ts'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import {
  flatnet,
  gatewayRoute,
  historyOf,
  metricsText,
  pathsOf,
  PATIENCE_MS,
  reasonsOfFall,
  routesOf,
  SHORT_WAITS,
  sumOf,
  waitForMeasured,
  waitForPath,
  writeSettings,
} from '../../fixtures/lab/agents.ts'

// For some seconds after a fallback its reason may be corrected; the next attempt must not come earlier.
const UNHURRIED = {
  ...SHORT_WAITS,
  escalation: {
    ...SHORT_WAITS.escalation,
    backoff: { firstMs: 4000, times: 1, mostMs: 4000, resetMs: 1000, flapMs: 4000 },
  },
}

// Either side may notice the fault first; the other is then told.
const FAULTS: readonly { readonly fault: Impairment; readonly reasons: readonly string[] }[] = [
  { fault: { kind: 'one-way' }, reasons: ['one-way'] },
  { fault: { kind: 'mtu-hole' }, reasons: ['mtu'] },
  { fault: { kind: 'delay', ms: 1000 }, reasons: ['latency'] },
  // A run of lost probes is likelier than a full window; what is measured after the fallback corrects the
  // reason.
  { fault: { kind: 'loss', percent: 50 }, reasons: ['loss'] },
]

t.test('two hosts', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `tagentup${process.pid}`, podman: false })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')]
  for (const { files } of [a, b]) await writeSettings(files, { agent: UNHURRIED })
  await Promise.all([startAgent(a), startAgent(b)])
  const [from, to] = [await addContainer(a, 'flow-a'), await addContainer(b, 'flow-b')]

  await t.test('both hosts reach the direct path without help', async (t) => {
    await waitForMeasured(lab)
    const phases = (await historyOf(a, 'host-b')).map(({ to: phase }) => phase)
    t.same(phases.slice(0, 3), ['GATEWAY_ONLY', 'P2P_ATTEMPTING', 'P2P_ACTIVE'], phases.join())
    t.ok((await routesOf(a)).includes(gatewayRoute(a, b)), 'the gateway route stays')
  })

  await t.test('in a black hole traffic takes the gateway path and returns without loss', async (t) => {
    const server = await serveFlows(to)
    const flows = startFlows(from, to.address)
    await waitForTraffic(b)
    const begun = Date.now()
    const mend = await impair(b, { kind: 'black-hole' })
    await waitForPath(a, b, 'gateway')
    for (const [host, peer] of [
      [a, b],
      [b, a],
    ] as const)
      // prettier-ignore
      t.ok((await routesOf(host)).includes(gatewayRoute(host, peer)))
    // Only what was on its way before both had switched is lost; an answer comes within a second.
    await sleep(1000)
    const settled = Date.now()
    await sleep(1500)
    await mend()
    await waitForPath(a, b, 'direct')
    await sleep(1000)
    const { udp, tcp, http, startedAt } = await flows.end()
    await server.stop()
    const lateLosses = udp.lostAt.filter((at) => startedAt + at > settled)
    t.same(lateLosses, [], 'nothing is lost after the switch or on the return')
    t.ok(udp.lost > 0, 'there was one gap')
    t.ok(tcp.isAlive, 'the TCP connection survives')
    t.equal(tcp.received, tcp.sent, 'every line came back')
    t.equal(http.failed, 0, 'no request failed')
    const fall = reasonsOfFall(await historyOf(a, 'host-b', begun))
    const other = reasonsOfFall(await historyOf(b, 'host-a', begun))
    t.ok([...fall, ...other].includes('silence'), `${fall.join()} | ${other.join()}`)
  })

  await t.test('adding and deleting the direct route many times loses nothing', async (t) => {
    const server = await serveFlows(to)
    const flows = startFlows(from, to.address, { everyMs: 1 })
    await waitForTraffic(b)
    // Nebula learns of each change a moment after the kernel does. Without its own table about one in four of
    // these changes lost packets.
    for (let round = 0; round < 20; round += 1) {
      await a.exec(['ip', 'route', 'delete', b.plan.v4.subnet, 'metric', '100'])
      await waitForPath(a, b, 'direct')
    }
    const { udp } = await flows.end()
    await server.stop()
    t.equal(udp.lost, 0, `of ${String(udp.sent)}`)
  })

  for (const { fault, reasons } of FAULTS) {
    const name = 'percent' in fault ? `loss of ${String(fault.percent)} %` : fault.kind
    await t.test(`${name} is reported as such`, async (t) => {
      const begun = Date.now()
      const mend = await impair(b, fault)
      await waitUntil(`a fallback because of ${reasons.join(' or ')}`, PATIENCE_MS, async () => {
        const seen = await Promise.all([historyOf(a, 'host-b', begun), historyOf(b, 'host-a', begun)])
        return seen.flatMap(reasonsOfFall).some((reason) => reasons.includes(reason))
      }).catch(async (error: unknown) => {
        t.fail(String(error), {
          a: await historyOf(a, 'host-b', begun),
          b: await historyOf(b, 'host-a', begun),
        })
      })
      await mend()
      await waitForPath(a, b, 'direct')
    })
  }

  await t.test('metrics are served on loopback and on the overlay address', async (t) => {
    for (const [place, address] of [
      [a, '127.0.0.1'],
      [b, a.plan.v4.overlay],
    ] as const) {
      // prettier-ignore
      const text = await metricsText(place, address)
      t.equal(sumOf(text, 'flatnet_path_state', 'peer="host-b",state="P2P_ACTIVE"'), 1, text.slice(0, 2000))
      t.ok(
        sumOf(text, 'flatnet_path_transitions_total', 'reason="mtu"') +
          sumOf(text, 'flatnet_path_transitions_total', 'reason="peer-said"') >
          0,
      )
    }
    const refused = await lab.lan.exec(['curl', '--max-time', '3', `http://${a.plan.v4.wsl}:4280/metrics`], {
      check: false,
    })
    t.not(refused.exitCode, 0, 'nowhere else')
  })

  await t.test('sockets listen only on loopback, overlay, bridge and reserved addresses', async (t) => {
    const { stdout } = await a.exec(['ss', '-Hlntup'])
    const ours = stdout.split('\n').filter((line) => line !== '' && !line.includes('"nebula"'))
    const addresses = ours.map((line) => line.trim().split(/\s+/)[4] ?? '')
    const hosts = ['127.0.0.1', a.plan.v4.overlay, '10.87.1.1', '10.87.1.2', '10.87.1.3']
    // Containers ask for names at the bridge's address, over UDP and TCP.
    const allowed = [...hosts.map((host) => `${host}:4280`), '10.87.1.1:53']
    for (const address of allowed) t.ok(addresses.includes(address), address)
    t.same(
      addresses.filter((each) => !allowed.includes(each)),
      [],
    )
    const { stdout: mode } = await a.exec(['stat', '-c', '%a %U', '/run/flatnet/agent.sock'])
    t.equal(mode, '600 root')
  })

  await t.test('the history outlives the agent', async (t) => {
    const before = await historyOf(a, 'host-b')
    t.ok(before.length > 4)
    await stopAgent(a)
    const without = await historyOf(a, 'host-b')
    t.same(without.slice(0, before.length), before, 'it is shown without an agent')
    await startAgent(a)
    await waitForPath(a, b, 'direct')
    t.same((await historyOf(a, 'host-b')).slice(0, before.length), before)
    const { stdout } = await flatnet(a, 'path', 'host-b', '--history')
    t.match(stdout, /black|silence|no answer/i)
    t.equal((await pathsOf(a)).get('host-b')?.phase, 'P2P_ACTIVE')
  })
})

// The flows have started when their first datagrams appear on the other side's nebula link.
async function waitForTraffic(host: LabHost): Promise<void> {
  const received = async (): Promise<number> => {
    const { stdout } = await host.exec(['cat', '/proc/net/dev'])
    const line = stdout.split('\n').find((each) => each.trim().startsWith('nebula1:'))
    return Number(line?.trim().split(/\s+/)[2])
  }
  const start = await received()
  await waitUntil('the flows to start', PATIENCE_MS, async () => (await received()) > start + 200)
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
