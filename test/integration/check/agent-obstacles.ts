// What keeps an agent from working without ending it: its port is taken, no other host answers, or its socket
// path is blocked. Commands must report that fault and no other.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startAgent, stopAgent } from '../../../scripts/lab/host/agent.ts'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import type { Report } from '../../../src/check/report.ts'
import { isBroken, isFine, isOnly, reportOf, saidBy, untilReport } from '../../fixtures/host/check.ts'

const FLATNET = '/opt/cni/bin/flatnet-cni'
const QUICK = { reconcileMs: 1000, exchangeMs: 2000 }
// ufw's policy: incoming packets are dropped, except answers, ping, ssh and Nebula's own port.
const UFW = `table ip filter { chain INPUT { type filter hook input priority filter; policy drop;
  iifname "lo" accept; ct state established,related accept; icmp type echo-request accept;
  tcp dport 22 accept; udp dport 4242 accept; }; }`

t.test('each obstacle is reported and no other fault', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `obs${String(process.pid)}`, podman: false })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')] as const
  for (const host of [a, b]) {
    settle(host, { agent: QUICK })
    await host.exec([FLATNET, 'sync'])
  }
  await startAgent(b)

  for (const protocol of ['udp', 'tcp'] as const) {
    await t.test(`AGENT-009: another program has the agent's ${protocol} port, until it ends`, async (t) => {
      const holder = holdPort(a, protocol)
      await waitUntil('the port is held', 60_000,
        async () => (await a.exec(['ss', '-lnH', `-${protocol[0]}`, 'sport = :4280'])).stdout !== '')
      await startAgent(a)
      const report = await until(a, 'AGENT PATH', isOnly('AGENT-009'))
      isBroken(t, report, 'AGENT-009',
        new RegExp(`${protocol.toUpperCase()} 4280: process \\d+ \\(node\\) has it; the agent needs it on`))
      t.equal(report.exitCode, protocol === 'udp' ? 2 : 0)
      const status = await statusOf(a)
      const headline = `! ${protocol.toUpperCase()} 4280 is taken by another program`
      t.match(status, new RegExp(`${headline}\n +process \\d+ \\(node\\) has it`))
      if (protocol === 'udp') {
        t.match(status, /! host-b: not measured: the agent of this host cannot open UDP 4280/)
        t.notMatch(status, /no path answers|no message from/, 'the peer is not reported')
        t.match(await metricsOf(a), /^flatnet_agent_closed_ports\{protocol="udp"\} [1-9]/m)
      }
      const { stdout } = await a.exec(['curl', '--silent', '--unix-socket', '/run/flatnet/agent.sock',
        'http://agent/v1/status'])
      t.match(JSON.parse(stdout), { closedPorts: [{ protocol, port: 4280, reason: /EADDRINUSE/ }] })
      holder.kill()
      isFine(t, await until(a, 'AGENT', ({ roots }) => roots.length === 0))
      await waitUntil('the peer is heard', 60_000,
        async () => saidBy(await look(a, 'PATH'), 'PATH-002').startsWith('ok'))
      t.notMatch(await statusOf(a), /4280/)
      await stopAgent(a)
    })
  }

  await t.test('AGENT-010: no host answers, because their firewalls drop what comes in', async (t) => {
    await stopAgent(b)
    for (const host of [a, b]) {
      await host.exec(['sh', '-c', 'rm -rf /etc/flatnet/peers.d/* /var/lib/flatnet/peers'])
      await host.exec(['nft', UFW])
    }
    settle(a, { agent: { ...QUICK, lighthouses: ['10.86.2.1'] } })
    settle(b, { agent: { ...QUICK, lighthouses: ['10.86.1.1'] } })
    await startAgent(a)
    await startAgent(b)
    const report = await until(a, 'AGENT PATH', isOnly('AGENT-010'))
    isBroken(t, report, 'AGENT-010',
      /fail .*no agent answers on TCP 4280: 10\.86\.2\.1 \(no answer in time\)/)
    t.equal(report.exitCode, 2)
    t.match(await statusOf(a),
      /! the agent learns of no other host\n[\s\S]* ufw allow in on nebula1 to any port 4280/)
    await b.exec(['nft', 'delete', 'table', 'ip', 'filter'])
    await a.exec(['nft', 'delete', 'table', 'ip', 'filter'])
    const fine = await until(a, 'AGENT', ({ roots }) => roots.length === 0)
    isFine(t, fine)
    t.match(saidBy(fine, 'AGENT-010'), /10\.86\.2\.1 answered last/)
    await waitUntil('the other host is learnt', 60_000, async () => /^host-b /m.test(await statusOf(a)))
    await stopAgent(a)
    await stopAgent(b)
  })

  await t.test('AGENT-010: no agent runs on the lighthouse', async (t) => {
    await a.exec(['sh', '-c', 'rm -rf /var/lib/flatnet/peers'])
    await startAgent(a)
    const report = await until(a, 'AGENT PATH', isOnly('AGENT-010'))
    isBroken(t, report, 'AGENT-010', /10\.86\.2\.1 \(connection refused: no agent runs there\)/)
    await stopAgent(a)
  })

  await t.test('AGENT-001: a folder has the path of the socket', async (t) => {
    await a.exec(['mkdir', '-p', '/run/flatnet/agent.sock/x'])
    const { exitCode, stderr } = await a.exec([FLATNET, 'agent'], { check: false })
    t.equal(exitCode, 1)
    t.match(stderr, /agent\.sock is a folder, so that no agent can listen there; remove it: rm -r/)
    isBroken(t, await look(a, 'AGENT'), 'AGENT-001', /fail .*agent\.sock is a folder/)
    t.match(await statusOf(a), /agent\.sock is a folder.*rm -r/)
    await a.exec(['rm', '-r', '/run/flatnet/agent.sock'])
  })
}) // prettier-ignore

/** A program that holds the agent's port on all addresses until it is killed. */
function holdPort(host: LabHost, protocol: 'udp' | 'tcp'): { readonly kill: () => void } {
  const script =
    protocol === 'udp'
      ? "require('node:dgram').createSocket('udp4').bind({ port: 4280, exclusive: true })"
      : "require('node:net').createServer().listen({ port: 4280, host: '0.0.0.0' })"
  return host.start([process.execPath, '--eval', script])
}

async function look(host: LabHost, groups: string): Promise<Report> {
  const chosen = groups.split(' ').flatMap((group) => ['--group', group])
  return reportOf(await host.exec([FLATNET, 'check', '--json', ...chosen], { check: false }))
}

function until(host: LabHost, groups: string, isSo: (report: Report) => boolean): Promise<Report> {
  return untilReport(() => look(host, groups), isSo)
}

async function statusOf(host: LabHost): Promise<string> {
  return (await host.exec([FLATNET, 'status'], { check: false })).stdout
}

async function metricsOf(host: LabHost): Promise<string> {
  return (await host.exec(['curl', '--silent', 'http://127.0.0.1:4280/metrics'])).stdout
}

function settle(host: LabHost, change: object): void {
  const file = join(host.files, 'own/etc/flatnet/flatnet.json')
  mkdirSync(join(file, '..'), { recursive: true })
  const before = JSON.parse(readFileSync(file, 'utf8')) as object
  writeFileSync(file, JSON.stringify({ ...before, ...change }))
}
