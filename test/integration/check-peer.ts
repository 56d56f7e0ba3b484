// `flatnet-cni check --peer` in a lab: what only the views of both ends together tell, and the rest of the group PATH that
// takes two hosts.

import { existsSync } from 'node:fs'
import t, { type Test } from 'tap'
import { signalAgent, startAgent, stopAgent } from '../../scripts/lab/agent.ts'
import type { LabHost } from '../../scripts/lab/lab.ts'
import { whyNoLab } from '../../scripts/lab/possible.ts'
import { type Outcome, waitUntil } from '../../scripts/lab/run.ts'
import { upLab } from '../../scripts/lab/up.ts'
import type { Report } from '../../src/check/report.ts'
import { isBroken, isFine, reportOf, saidBy } from '../fixtures/check.ts'
import { flatnet, pathsOf, SHORT_WAITS, waitForMeasured, writeSettings } from '../fixtures/lab-agents.ts'

t.setTimeout(600_000)

const FAKETIME = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketime.so.1`
const AGENT = {
  ...SHORT_WAITS,
  probe: { ...SHORT_WAITS.probe, idleMs: 300, gatewayMs: 300, tunnelMs: 300 },
}

t.test('what the two ends do not agree in is named with its direction', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `two${String(process.pid)}`, podman: false })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')] as const
  for (const host of [a, b]) {
    await writeSettings(host.files, { agent: AGENT })
    await flatnet(host, 'sync')
    await startAgent(host)
  }
  await waitForMeasured(lab)

  await t.test('nothing is wrong where both views agree, whatever else is chosen', async (t) => {
    isFine(t, await until(a, ({ roots }) => roots.length === 0))
    const report = await look(a, 'host-b', '--group', 'WSL')
    t.match(saidBy(report, 'PATH-010'), /^ok host-b both views agree \(it answered through Nebula\)/)
    t.match(saidBy(await look(a, 'host-', '--group', 'WSL'), 'PATH-010'), /^ok host-b/, 'the beginning of a name will do')
    t.match(saidBy(await look(a, '10.87.2.9', '--group', 'WSL'), 'PATH-010'), /^ok host-b/, 'so will an address there')
  })

  await t.test('a name that nobody has is said, and is not held against anybody', async (t) => {
    isUnable(t, await ask(a, 'hostb'), /unknown peer "hostb"[^]*known peers: .*host-b/)
  })

  await t.test('PATH-010: a firewall that lets one direction through, by the gateway', async (t) => {
    await onNft(b.windows, 'forward', 'ip daddr 10.87.2.0/24 drop', async () => {
      const report = await until(a, (each) => says(each, 'PATH-010', 'fail'))
      t.match(saidBy(report, 'PATH-010'), /fail host-b packets from host-a to host-b are lost by the gateway; those from host-b to host-a arrive/)
      t.match(saidBy(await look(b, 'host-a'), 'PATH-010'), /packets from host-a to host-b are lost by the gateway/, 'the other end says the same')
    })
  })

  await t.test('PATH-010: a firewall that lets one direction through, directly', async (t) => {
    await onNft(b, 'input', 'iifname nebula1 ip daddr 10.87.2.2 drop', async () => {
      const report = await until(a, (each) => saidBy(each, 'PATH-010').includes('lost directly'))
      t.match(saidBy(report, 'PATH-010'), /fail host-b packets from host-a to host-b are lost directly; those from host-b to host-a arrive/)
    })
    isFine(t, await until(a, ({ roots }) => roots.length === 0, 90_000))
  })

  await t.test('PATH-010: another MTU', async (t) => {
    await onSettings(b, { agent: AGENT, mtu: 1200 }, async () => {
      const report = await until(a, (each) => says(each, 'PATH-010', 'warn'))
      isBroken(t, report, 'PATH-010', /warn host-b containers have an MTU of 1300 bytes on host-a and 1200 on host-b/)
    })
  })

  await t.test('PATH-010: the agent there is away', async (t) => {
    await signalAgent(b, 'STOP')
    const report = await look(a, 'host-b', '--only', 'PATH-010')
    await signalAgent(b, 'CONT')
    isBroken(t, report, 'PATH-010', /fail host-b it does not tell its side: .*no answer in time/)
  })

  await t.test('PATH-008: the direct path is held back after it failed', async (t) => {
    const backoff = { firstMs: 90_000, times: 1, mostMs: 90_000, resetMs: 90_000, flapMs: 1000 }
    isFine(t, await until(a, ({ roots }) => roots.length === 0, 90_000))
    // Either may be the one who falls first and tells the other how long to wait.
    const held = { agent: { ...AGENT, escalation: { ...AGENT.escalation, minHoldMs: 90_000, backoff } } }
    await onSettings(a, held, () => onSettings(b, held, async () => {
      await lab.cut(['b'], 'underlay')
      await until(a, (each) => says(each, 'PATH-003', 'warn'))
      await lab.mend()
      const report = await until(a, (each) => says(each, 'PATH-008', 'warn'))
      t.match(saidBy(report, 'PATH-008'), /warn host-b not tried for another \d+ s after \d+ changes/)
    }))
    for (const host of [a, b]) await stopAgent(host)
    for (const host of [a, b]) await startAgent(host)
    await waitForMeasured(lab)
  })

  await t.test('PATH-009: one end has no other path and stays, the other one leaves', async (t) => {
    await onSettings(a, { agent: AGENT, gateway: { via: 'none' } }, async () => {
      await waitUntil('both on the direct path', 60_000, async () => (await phases(a, b)).every((phase) => phase === 'P2P_ACTIVE'))
      await onNft(b, 'input', 'iifname nebula1 ip daddr 10.87.2.2 drop', async () => {
        const report = await until(a, (each) => says(each, 'PATH-009', 'warn'))
        t.match(saidBy(report, 'PATH-009'), /warn host-b here P2P_ACTIVE, there GATEWAY_\w+ \(/)
      })
    })
    await waitForMeasured(lab)
  })

  await t.test('PATH-011, PATH-010: a clock that is ahead', { skip: !existsSync(FAKETIME) && 'faketime is not installed' }, async (t) => {
    await stopAgent(b)
    await startWithin(b, `LD_PRELOAD=${FAKETIME} FAKETIME=+400 FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1`)
    const report = await until(a, (each) => says(each, 'PATH-011', 'fail'), 60_000)
    t.match(saidBy(report, 'PATH-011'), /fail host-b its clock is \d+ s ahead of ours/)
    t.match(saidBy(report, 'PATH-010'), /fail host-b the clock of host-b is \d+ s ahead of that of host-a/)
    t.match(saidBy(await until(b, (each) => says(each, 'PATH-011', 'fail'), 60_000), 'PATH-011'), /its clock is \d+ s behind ours/)
    await stopAgent(b)
    await startAgent(b)
  })

  await t.test('an agent of our own that is away is said, and is not held against the other host', async (t) => {
    await stopAgent(a)
    isUnable(t, await ask(a, 'host-b'), /agent unreachable/)
  })
}) // prettier-ignore

function ask(host: LabHost, peer: string, ...more: string[]): Promise<Outcome> {
  const chosen = more.length === 0 ? ['--group', 'PATH'] : more
  return flatnet(host, 'check', '--json', '--peer', peer, ...chosen)
}

async function look(host: LabHost, peer: string, ...more: string[]): Promise<Report> {
  return reportOf(await ask(host, peer, ...more))
}

/** Looks at the paths with the other host's view until it is so, or the time is over; the last report either way. */
async function until(host: LabHost, isSo: (report: Report) => boolean, limitMs = 45_000): Promise<Report> {
  const end = Date.now() + limitMs
  const other = host.name === 'host-a' ? 'host-b' : 'host-a'
  for (;;) {
    const report = await look(host, other)
    if (isSo(report) || Date.now() > end) return report
    await new Promise((done) => setTimeout(done, 500))
  }
}

function says(report: Report, id: string, verdict: string): boolean {
  return report.items.some((item) => item.id === id && item.verdict === verdict)
}

function isUnable(t: Test, { exitCode, stdout, stderr }: Outcome, words: RegExp): void {
  t.equal(exitCode, 3)
  t.match(stdout + stderr, words)
}

async function phases(a: LabHost, b: LabHost): Promise<readonly (string | undefined)[]> {
  return [(await pathsOf(a)).get(b.name)?.phase, (await pathsOf(b)).get(a.name)?.phase]
}

type Where = Pick<LabHost, 'exec'>

async function onNft(where: Where, hook: string, rule: string, act: () => Promise<void>): Promise<void> {
  await where.exec(['nft', `table ip oneway { chain c { type filter hook ${hook} priority 0; ${rule}; }; }`])
  await act()
  await where.exec(['nft', 'delete table ip oneway'])
}

/** With other settings, and with those from before afterwards; the agent reads them anew. */
async function onSettings(host: LabHost, settings: object, act: () => Promise<void>): Promise<void> {
  await writeSettings(host.files, settings)
  await signalAgent(host, 'HUP')
  await act()
  await writeSettings(host.files, { agent: AGENT })
  await signalAgent(host, 'HUP')
}

async function startWithin(host: LabHost, environment: string): Promise<void> {
  const script = `export ${environment}; setsid /opt/cni/bin/flatnet-cni agent </dev/null >>/var/log/flatnet-agent.log 2>&1 & echo $! > /run/flatnet-agent.pid`
  await host.exec(['sh', '-c', script])
}
