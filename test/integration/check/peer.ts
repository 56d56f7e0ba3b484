// `flatnet-cni check --peer` in a lab: faults that only both ends' views together show, and the rest of the
// group PATH that needs two hosts.

import { existsSync } from 'node:fs'
import t, { type Test } from 'tap'
import { signalAgent, startAgent, stopAgent } from '../../../scripts/lab/host/agent.ts'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { type Outcome, waitUntil } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import type { Report } from '../../../src/check/report.ts'
import { isBroken, isFine, isOnly, reportOf, saidBy, untilReport } from '../../fixtures/host/check.ts'
import { flatnet, pathsOf, SHORT_WAITS, waitForMeasured, writeSettings } from '../../fixtures/lab/agents.ts'

const MACHINE = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
const FAKETIME = `/usr/lib/${MACHINE}-linux-gnu/faketime/libfaketime.so.1`
const AGENT = {
  ...SHORT_WAITS,
  probe: { ...SHORT_WAITS.probe, idleMs: 300, gatewayMs: 300, tunnelMs: 300 },
}

t.test('faults that the two views differ in are reported with their direction', { skip: whyNoLab() },
  async (t) => {
  const lab = await upLab({ name: `two${String(process.pid)}`, podman: false })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')] as const
  for (const host of [a, b]) {
    await writeSettings(host.files, { agent: AGENT })
    await flatnet(host, 'sync')
    await startAgent(host)
  }
  await waitForMeasured(lab)

  await t.test('no fault if both views agree, with any other selection', async (t) => {
    isFine(t, await until(a, ({ roots }) => roots.length === 0))
    const agrees = (asked: string): Promise<Report> =>
      untilReport(
        () => look(a, asked, '--group', 'WSL'),
        (each) => saidBy(each, 'PATH-010').startsWith('ok host-b'),
      )
    const report = await agrees('host-b')
    t.match(saidBy(report, 'PATH-010'), /^ok host-b both views agree \(it answered through Nebula\)/)
    t.match(saidBy(await agrees('host-'), 'PATH-010'), /^ok host-b/, 'the beginning of a name is enough')
    t.match(saidBy(await agrees('10.87.2.9'), 'PATH-010'), /^ok host-b/,
      "an address of the peer's subnet is enough")
  })

  await t.test('an unknown name is reported and blamed on no host', async (t) => {
    isUnable(t, await ask(a, 'hostb'), /unknown peer "hostb"[^]*known peers: .*host-b/)
  })

  await t.test('PATH-010: a firewall that lets one direction through, on the gateway path', async (t) => {
    await onNft(b.windows, 'forward', 'ip daddr 10.87.2.0/24 drop', async () => {
      const report = await until(a, (each) => saidBy(each, 'PATH-010').includes('lost on the gateway path'))
      t.match(saidBy(report, 'PATH-010'),
        /fail host-b packets from host-a to host-b are lost on the gateway path; .* host-b to host-a arrive/)
      const other = await until(b, (each) => saidBy(each, 'PATH-010').includes('lost on the gateway path'))
      t.match(saidBy(other, 'PATH-010'), /packets from host-a to host-b are lost on the gateway path/,
        'the other end reports the same')
    })
  })

  await t.test('PATH-010: a firewall that lets one direction through, on the direct path', async (t) => {
    await onNft(b, 'input', 'iifname nebula1 ip daddr 10.87.2.2 drop', async () => {
      const report = await until(a, (each) => saidBy(each, 'PATH-010').includes('lost on the direct path'))
      t.match(saidBy(report, 'PATH-010'),
        /fail host-b packets from host-a to host-b are lost on the direct path; .* host-b to host-a arrive/)
    })
    isFine(t, await until(a, ({ roots }) => roots.length === 0))
  })

  await t.test('PATH-010: another MTU', async (t) => {
    await onSettings(b, { agent: AGENT, mtu: 1200 }, async () => {
      const report = await until(a, (each) => isOnly('PATH-010')(each) && says(each, 'PATH-010', 'warn'))
      isBroken(t, report, 'PATH-010',
        /warn host-b containers have an MTU of 1300 bytes on host-a and 1200 on host-b/)
    })
  })

  await t.test("PATH-010: the peer's agent is down", async (t) => {
    await signalAgent(b, 'STOP')
    const report = await look(a, 'host-b', '--only', 'PATH-010')
    await signalAgent(b, 'CONT')
    isBroken(t, report, 'PATH-010', /fail host-b no view from its agent: .*no answer in time/)
  })

  await t.test('PATH-008: the direct path is held back after a fallback', async (t) => {
    const backoff = { firstMs: 90_000, times: 1, mostMs: 90_000, resetMs: 90_000, flapMs: 1000 }
    isFine(t, await until(a, ({ roots }) => roots.length === 0))
    // Either host may fall back first and tell the other how long to wait.
    const held = { agent: { ...AGENT, escalation: { ...AGENT.escalation, minHoldMs: 90_000, backoff } } }
    await onSettings(a, held, () => onSettings(b, held, async () => {
      await lab.cut(['b'], 'underlay')
      await until(a, (each) => says(each, 'PATH-003', 'warn'))
      await lab.mend()
      const report = await until(a, (each) => says(each, 'PATH-008', 'warn'))
      t.match(saidBy(report, 'PATH-008'), /warn host-b not tried for another \d+ s, after \d+ changes/)
    }))
    for (const host of [a, b]) await stopAgent(host)
    for (const host of [a, b]) await startAgent(host)
    await waitForMeasured(lab)
  })

  await t.test('PATH-009: one end stays for lack of another path, the other one leaves', async (t) => {
    await onSettings(a, { agent: AGENT, gateway: { via: 'none' } }, async () => {
      await waitUntil('both on the direct path', 60_000,
        async () => (await phases(a, b)).every((phase) => phase === 'P2P_ACTIVE'))
      await onNft(b, 'input', 'iifname nebula1 ip daddr 10.87.2.2 drop', async () => {
        const report = await until(a, (each) => says(each, 'PATH-009', 'warn'))
        t.match(saidBy(report, 'PATH-009'), /warn host-b here P2P_ACTIVE, there GATEWAY_\w+ \(/)
      })
    })
    await waitForMeasured(lab)
  })

  await t.test('PATH-011, PATH-010: a clock that is ahead',
    { skip: !existsSync(FAKETIME) && 'faketime is not installed' }, async (t) => {
    await stopAgent(b)
    await startWithin(b, `LD_PRELOAD=${FAKETIME} FAKETIME=+400 FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1`)
    const report = await until(a, (each) => says(each, 'PATH-011', 'fail'))
    t.match(saidBy(report, 'PATH-011'), /fail host-b its clock is \d+ s ahead of the clock here/)
    t.match(saidBy(report, 'PATH-010'), /fail host-b the clock of host-b is \d+ s ahead of that of host-a/)
    t.match(saidBy(await until(b, (each) => says(each, 'PATH-011', 'fail')), 'PATH-011'),
      /its clock is \d+ s behind the clock here/)
    await stopAgent(b)
    await startAgent(b)
  })

  await t.test('our own missing agent is reported and not blamed on the peer', async (t) => {
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

/** Asks for reports with the peer's view until one fits. Returns the last one if none does. */
function until(host: LabHost, isSo: (report: Report) => boolean): Promise<Report> {
  const other = host.name === 'host-a' ? 'host-b' : 'host-a'
  return untilReport(() => look(host, other), isSo)
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

/** Runs `work` with other settings and restores the old ones; the agent reloads them both times. */
async function onSettings(host: LabHost, settings: object, act: () => Promise<void>): Promise<void> {
  await writeSettings(host.files, settings)
  await signalAgent(host, 'HUP')
  await act()
  await writeSettings(host.files, { agent: AGENT })
  await signalAgent(host, 'HUP')
}

async function startWithin(host: LabHost, environment: string): Promise<void> {
  const script =
    `export ${environment}; setsid /opt/cni/bin/flatnet-cni agent </dev/null ` +
    '>>/var/log/flatnet-agent.log 2>&1 & echo $! > /run/flatnet-agent.pid'
  await host.exec(['sh', '-c', script])
}
