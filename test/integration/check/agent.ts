// The groups AGENT, PATH and GW of `flatnet-cni check` in a lab: real agents over real Nebula, one fault
// after another.

import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { signCertificate } from '../../../scripts/lab/nebula/certificates.ts'
import { pkiFolder } from '../../../scripts/lab/lab.ts'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import type { Report } from '../../../src/check/report.ts'
import { isBroken, isFine, isOnly, reportOf, saidBy, untilReport } from '../../fixtures/host/check.ts'

const FLATNET = '/opt/cni/bin/flatnet-cni'
// The agents must stay on a lossy path, so that it can be told from a dead one. All other waits are short.
const QUICK = {
  gcMs: 1000,
  exchangeMs: 2000,
  probe: { idleMs: 100, fastMs: 100, gatewayMs: 100, tunnelMs: 300, bigMs: 500, bigIdleMs: 500 },
  escalation: {
    silenceMs: 6000,
    lossShort: { probes: 20, most: 0.95 },
    lossLong: { probes: 50, most: 0.95 },
    minHoldMs: 500,
    attemptHoldMs: 1000,
    backoff: { firstMs: 1000, times: 1, mostMs: 1000, resetMs: 1000, flapMs: 1000 },
  },
}

t.test('each fault of agent, paths and gateway is reported and no other', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `agt${String(process.pid)}`, podman: false })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')] as const
  for (const host of [a, b]) {
    settle(host, { agent: QUICK })
    await host.exec([FLATNET, 'sync'])
    await startAgent(host)
  }
  const onFile = async (change: object, groups: string): Promise<Report> => {
    const file = settingsFile(a)
    const before = readFileSync(file, 'utf8')
    settle(a, change)
    const report = await look(a, groups)
    writeFileSync(file, before)
    return report
  }

  await t.test('no fault once both ends are on the direct path', async (t) => {
    const report = await settled(a)
    isFine(t, report)
    for (const { id, verdict } of report.items)
      if (!['GW-004', 'PATH-010'].includes(id)) t.equal(verdict, 'ok', saidBy(report, id))
    t.match(saidBy(report, 'PATH-003'), /host-b direct path \(/)
    t.match(saidBy(report, 'PATH-006'), /1300 bytes pass on the direct path and the gateway path/)
  })

  await t.test("AGENT-006: every user can use the agent's socket", async (t) => {
    await a.exec(['chmod', '666', '/run/flatnet/agent.sock'])
    isBroken(t, await look(a, 'AGENT'), 'AGENT-006', /agent\.sock has mode 0666, owner 0/)
    isFine(t, await look(a, 'AGENT', '--fix'))
  })

  await t.test('AGENT-007: a firewall drops requests for metrics', async (t) => {
    await a.exec(['nft',
      'table ip deaf { chain in { type filter hook input priority 0; iif lo tcp dport 4280 drop; }; }'])
    const report = await until(a, 'AGENT', isOnly('AGENT-007'))
    await a.exec(['nft', 'delete table ip deaf'])
    isBroken(t, report, 'AGENT-007', /127\.0\.0\.1:4280\/metrics: no answer within/)
  })

  await t.test('AGENT-008: the history is on a read-only file system', async (t) => {
    await a.exec(['sh', '-c',
      'mkdir -p /var/lib/flatnet/history; mount -t tmpfs -o ro tmpfs /var/lib/flatnet/history'])
    const report = await until(a, 'AGENT', isOnly('AGENT-008'))
    await a.exec(['umount', '/var/lib/flatnet/history'])
    isBroken(t, report, 'AGENT-008', /history: .*EROFS/)
  })

  await t.test('AGENT-005: no route guard can start', async (t) => {
    await a.exec(['sh', '-c', 'rm /run/flatnet/guard.pid; mkdir /run/flatnet/guard.pid'])
    const report = await until(a, 'AGENT', isOnly('AGENT-005'))
    await a.exec(['rmdir', '/run/flatnet/guard.pid'])
    isBroken(t, report, 'AGENT-005', /there is no guard process/)
    isFine(t, await until(a, 'AGENT', ({ roots }) => roots.length === 0))
  })

  await t.test('AGENT-004: something else replaced the certificate', async (t) => {
    const file = join(a.files, 'own/etc/nebula/host.crt')
    const before = readFileSync(file)
    writeFileSync(file, 'not a certificate')
    await reload(a)
    const report = await until(a, 'AGENT', isOnly('AGENT-004'))
    writeFileSync(file, before)
    await reload(a)
    isBroken(t, report, 'AGENT-004', /host\.crt/)
    isFine(t, await until(a, 'AGENT', ({ roots }) => roots.length === 0))
  })

  await t.test('GW-001: the gateway does not answer', async (t) => {
    await a.windows.exec(['nft', 'table arp mute { chain o { type filter hook output priority 0; drop; }; }'])
    await a.exec(['ip', 'neighbour', 'flush', 'dev', 'eth0'])
    const report = await until(a, 'GW', isOnly('GW-001'))
    await a.windows.exec(['nft', 'delete table arp mute'])
    isBroken(t, report, 'GW-001', /172\.20\.1\.1 on eth0 does not answer \(ARP\)/)
    isFine(t, await settled(a))
  })

  await t.test('GW-003: the gateway is configured inside the tunnel', async (t) => {
    const report = await onFile({ gateway: { via: '172.20.1.1', dev: 'nebula1' } }, 'GW')
    isBroken(t, report, 'GW-003', /172\.20\.1\.1 on nebula1 is not a Nebula host/)
  })

  await t.test('GW-004: a hop for a peer that does not exist', async (t) => {
    const report = await onFile({ peerGateways: { '10.86.9.1': '172.20.1.1' } }, 'GW')
    isBroken(t, report, 'GW-004', /no peer has 10\.86\.9\.1/)
  })

  await t.test('GW-001: a hop on no network of this host, which makes every ADD fail', async (t) => {
    const gone = await onFile({ gateway: { via: '192.168.99.1' } }, 'SYS CERT GW')
    isBroken(t, gone, 'GW-001',
      /fail .*no container can start: gateway\.via: 192\.168\.99\.1 is on no network/)
    t.equal(gone.exitCode, 2)
    t.match(saidBy(gone, 'SYS-009'), /^ok/, '"none" needs no hop')
    const ofPeer = await onFile({ peerGateways: { '10.86.2.1': '192.168.99.1' } }, 'SYS CERT GW')
    isBroken(t, ofPeer, 'GW-001',
      /fail host-b no container can start: peerGateways\.10\.86\.2\.1: 192\.168\.99\.1/)
  })

  await t.test('GW-002: the gateways do not route to the other host', async (t) => {
    await a.windows.exec(['nft',
      'table ip cut { chain f { type filter hook forward priority 0; ip daddr 10.87.2.0/24 drop; }; }'])
    const report = await until(a, 'PATH GW', isOnly('GW-002'))
    isBroken(t, report, 'GW-002', /0 of 1 peers answer via the gateway/)
    t.match(saidBy(report, 'PATH-004'), /warn host-b no answer for \d+ s/, 'it follows from GW-002')
    isBroken(t, await until(a, 'PATH', isOnly('PATH-004')), 'PATH-004', /host-b no answer/)
    await a.windows.exec(['nft', 'delete table ip cut'])
    isFine(t, await settled(a))
  })

  await t.test('PATH-001: a certificate of another CA', async (t) => {
    const stranger = join(import.meta.dirname, '../../fixtures/nebula-certs/v1-161-otherca/host-a.crt')
    const file = join(a.files, 'own/etc/flatnet/peers.d/stranger.crt')
    copyFileSync(stranger, file)
    await reload(a)
    const report = await until(a, 'PATH', isOnly('PATH-001'))
    rmSync(file)
    await reload(a)
    isBroken(t, report, 'PATH-001', /stranger\S* .*refused/)
    isFine(t, await settled(a))
  })

  await t.test('PATH-005: a link that loses packets', async (t) => {
    // So few that five of the last eight are never lost, which would be a reason for a fallback.
    await b.exec(['nft',
      'table ip lossy { chain o { type filter hook output priority 0; ' +
        'oifname eth0 udp dport 4242 numgen random mod 100 < 8 drop; }; }'])
    const report = await until(a, 'PATH', isOnly('PATH-005'))
    await b.exec(['nft', 'delete table ip lossy'])
    isBroken(t, report, 'PATH-005', /warn host-b direct .*, [1-9]\d*\.\d % lost/)
    isFine(t, await settled(a))
  })

  await t.test('PATH-006: a link that loses only large packets', async (t) => {
    await b.windows.exec(['nft',
      'table ip hole { chain f { type filter hook forward priority 0; ' +
        'udp dport 4242 meta length > 1200 drop; }; }'])
    const report = await until(a, 'PATH',
      (each) => isOnly('PATH-006')(each) && saidBy(each, 'PATH-006').startsWith('fail'))
    await b.windows.exec(['nft', 'delete table ip hole'])
    isBroken(t, report, 'PATH-006',
      /fail host-b packets of 1300 bytes are lost on the direct path, small ones pass/)
    isFine(t, await settled(a))
  })

  await t.test('PATH-003: the direct path is lost', async (t) => {
    await lab.cut(['b'], 'underlay')
    const report = await until(a, 'PATH',
      (each) => isOnly('PATH-003')(each) && saidBy(each, 'PATH-003').includes('gateway path ('))
    await lab.mend()
    isBroken(t, report, 'PATH-003', /warn host-b gateway path \((silence|peer-said): /)
  })

  await t.test('PATH-002: a known host is switched off, and no other root cause is reported', async (t) => {
    isFine(t, await settled(a))
    await b.exec(['sh', '-c', 'kill -STOP $(cat /run/flatnet/agent.pid)'])
    await lab.cut(['b'])
    const report = await until(a, 'AGENT PATH GW', isOnly('PATH-002'))
    await b.exec(['sh', '-c', 'kill -CONT $(cat /run/flatnet/agent.pid)'])
    await lab.mend()
    isBroken(t, report, 'PATH-002', /fail host-b nothing heard on any path for \d+ s/)
    t.match(saidBy(report, 'PATH-004'), /warn host-b no answer for \d+ s/, 'it follows from PATH-002')
    t.match(saidBy(report, 'GW-001'), /^ok/)
    isFine(t, await settled(a))
  })

  await t.test('NEB-001: on a host without Nebula that is the only root cause', async (t) => {
    await lab.cut(['a'])
    const report = await untilReport(
      async () => reportOf(await a.exec([FLATNET, 'check', '--json'], { check: false })),
      isOnly('NEB-001'),
    )
    await lab.mend()
    isBroken(t, report, 'NEB-001', /no Nebula process/)
    t.equal(report.exitCode, 2)
  })

  await t.test('PATH-002: a host that never answered stays listed, because others know it', async (t) => {
    const networks = ['10.86.3.1/16']
    await signCertificate(pkiFolder(lab), '1.11', false,
      { name: 'host-c', networks, subnets: ['10.87.3.0/24'] })
    const file = join(a.files, 'own/etc/flatnet/peers.d/host-c.crt')
    copyFileSync(join(pkiFolder(lab), 'host-c.crt'), file)
    await reload(a)
    const report = await until(a, 'PATH',
      ({ roots }) => roots.includes('PATH-002') && !roots.includes('PATH-007'))
    // The other peer's direct path is still held back after the earlier faults.
    t.same(report.roots.filter((id) => id !== 'PATH-003'), ['PATH-002'])
    t.match(saidBy(report, 'PATH-002'), /fail host-c never answered on any path/)
  })

  await t.test('AGENT-003: repeated stalls of the agent are reported, but are not a fault', async (t) => {
    await a.exec(['sh', '-c',
      'p=$(cat /run/flatnet/agent.pid); ' +
        'for i in 1 2 3; do kill -STOP $p; sleep 0.7; kill -CONT $p; sleep 0.7; done'])
    const told = await until(a, 'AGENT',
      (each) => /no processor time ([2-9]|\d\d+) times/.test(saidBy(each, 'AGENT-003')))
    t.match(saidBy(told, 'AGENT-003'), /^ok  the heartbeat is fresh; the agent got no processor time/)
  })

  await t.test('AGENT-001: the agent hangs or was killed', async (t) => {
    await a.exec(['sh', '-c', 'kill -STOP $(cat /run/flatnet/agent.pid)'])
    isBroken(t, await until(a, 'AGENT PATH GW', isOnly('AGENT-001')), 'AGENT-001',
      /fail .*does not answer within/)
    await a.exec(['sh', '-c', 'kill -KILL $(cat /run/flatnet/agent.pid)'])
    const report = await look(a, 'AGENT PATH GW')
    isBroken(t, report, 'AGENT-001', /fail .*is not running/)
    t.match(saidBy(report, 'PATH-003'), /^skip .*is not running/,
      'items that only the agent can answer are skipped')
  })

  await t.test('AGENT-002: an agent of another build is still running', async (t) => {
    const root = join(import.meta.dirname, '../../..')
    await startAgent(a, [join(root, 'node_modules/.bin/node'), join(root, 'src/main.ts')])
    const report = await until(a, 'AGENT',
      ({ items }) => items.every(({ id, verdict }) => id !== 'AGENT-001' || verdict === 'ok'))
    isBroken(t, report, 'AGENT-002', /the agent runs unbuilt \(unknown\), but/)
  })
}) // prettier-ignore

async function look(host: LabHost, groups: string, ...more: string[]): Promise<Report> {
  const chosen = groups.split(' ').flatMap((group) => ['--group', group])
  return reportOf(await host.exec([FLATNET, 'check', '--json', ...chosen, ...more], { check: false }))
}

/** Looks until it is so; the last report when it never is. */
function until(host: LabHost, groups: string, isSo: (report: Report) => boolean): Promise<Report> {
  return untilReport(() => look(host, groups), isSo)
}

/** Returns the report once the direct path is in use, measured and without fault, or else the last one. */
function settled(host: LabHost): Promise<Report> {
  const isSo = (report: Report): boolean =>
    report.roots.length === 0 &&
    saidBy(report, 'PATH-003').includes('direct path (') &&
    saidBy(report, 'PATH-011').includes('within seconds') &&
    saidBy(report, 'PATH-006').includes('pass on the direct path and the gateway path')
  return until(host, 'AGENT PATH GW', isSo)
}

async function startAgent(host: LabHost, program: readonly string[] = [FLATNET]): Promise<void> {
  const script = 'setsid "$@" agent </dev/null >>/var/log/agent.log 2>&1 &'
  await host.exec(['sh', '-c', script, 'sh', ...program])
}

async function reload(host: LabHost): Promise<void> {
  await host.exec(['sh', '-c', 'kill -HUP $(cat /run/flatnet/agent.pid)'])
}

function settingsFile(host: LabHost): string {
  return join(host.files, 'own/etc/flatnet/flatnet.json')
}

function settle(host: LabHost, change: object): void {
  const file = settingsFile(host)
  mkdirSync(join(file, '..'), { recursive: true })
  const before = JSON.parse(readFileSync(file, 'utf8')) as object
  writeFileSync(file, JSON.stringify({ ...before, ...change }))
}
