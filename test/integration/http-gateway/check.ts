// Two hosts whose HTTP Gateways recognise each other over a real LAN, and the group HTTP of `check`, one
// fault after another.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { signalAgent, startAgent } from '../../../scripts/lab/host/agent.ts'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import type { Report } from '../../../src/check/report.ts'
import type { GatewaysDocument } from '../../../src/http-gateway/recognition.ts'
import { isBroken, isFine, isOnly, reportOf, saidBy, untilReport } from '../../fixtures/host/check.ts'
import { flatnet, SHORT_WAITS, waitForPath, writeSettings } from '../../fixtures/lab/agents.ts'

const SNAPSHOT = '/var/lib/flatnet/http-gateway.json'
const MODULES = '/usr/lib/nginx/modules'

t.test('two HTTP Gateways', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `hgc${String(process.pid)}`, podman: false })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')]
  for (const { files } of [a, b]) await writeSettings(files, { agent: SHORT_WAITS })
  for (const host of [a, b]) {
    await flatnet(host, 'sync')
    await startAgent(host)
    await flatnet(host, 'http-gateway', 'install')
  }
  await waitForPath(a, b, 'direct')

  /** What a client on the LAN sees at a host. */
  const listAt = async (host: LabHost): Promise<GatewaysDocument | undefined> => {
    const url = `http://${host.plan.v4.wsl}/api/v1/gateways`
    const { stdout } = await lab.lan.exec(['curl', '-s', '-m', '10', url], { check: false })
    return stdout.startsWith('{"version":1,"host"') ? (JSON.parse(stdout) as GatewaysDocument) : undefined
  }
  const untilState = (at: LabHost, of: LabHost, state: string): Promise<void> =>
    waitUntil(`${of.name} ${state} at ${at.name}`, 60_000, async () => {
      const gateways = (await listAt(at))?.gateways ?? []
      return gateways.some((each) => each.host === of.name && each.state === state)
    })
  const signalWorkers = (host: LabHost, signal: string) =>
    host.exec([
      'sh',
      '-c',
      `for pid in $(pgrep -P "$(cat /run/flatnet/http-gateway/nginx.pid)"); do kill -${signal} $pid; done`,
    ])

  await t.test('each lists both, and has heard from the other', async (t) => {
    await untilState(a, b, 'up')
    await untilState(b, a, 'up')
    const list = await listAt(a)
    t.match(list, {
      host: 'host-a',
      gateways: [
        { host: 'host-a', address: `${a.plan.v4.wsl}:80`, state: 'self' },
        { host: 'host-b', address: `${b.plan.v4.wsl}:80`, state: 'up', detail: null },
      ],
    })
    t.match(list?.gateways[1]?.lastContact, /^\d{4}-/)
    t.match((await flatnet(a, 'http-gateway', 'status')).stdout, /host-b +\S+:80 +up/)
    t.match(
      (await flatnet(a, 'status')).stdout,
      /HTTP Gateway +running, 0 names, 1 of 1 other HTTP Gateways reached/,
    )
    isFine(t, await look(a))
  })

  await t.test('HTTP-006: the other one stands still', async (t) => {
    await signalWorkers(b, 'STOP')
    await untilState(a, b, 'down')
    isBroken(t, await look(a), 'HTTP-006', /warn host-b no answer at \S+:80: no answer in time/)
    t.match((await flatnet(a, 'status')).stdout, /HTTP Gateway of host-b not reached over the LAN/)
    const metrics = await a.exec(['curl', '-s', 'http://127.0.0.1:4280/metrics'])
    t.match(metrics.stdout, /flatnet_http_gateways\{state="down"\} 1/)
    await signalWorkers(b, 'CONT')
    await untilState(a, b, 'up')
  })

  await t.test('one that is removed leaves the list, one that is installed comes back', async () => {
    await flatnet(b, 'http-gateway', 'uninstall')
    await waitUntil('the end of nginx', 60_000, async () => {
      return (await b.exec(['pidof', 'nginx'], { check: false })).exitCode !== 0
    })
    await waitUntil('host-a forgets it', 60_000, async () => (await listAt(a))?.gateways.length === 1)
    await flatnet(b, 'http-gateway', 'install')
    await untilState(a, b, 'up')
  })

  await t.test('HTTP-007: the file on disk is gone', async (t) => {
    await rm(join(a.files, 'own', SNAPSHOT))
    isBroken(t, await look(a), 'HTTP-007', /http-gateway\.json is missing/)
    await signalAgent(a, 'KILL')
    await startAgent(a)
    const report = await untilReport(
      () => look(a),
      ({ roots }) => roots.length === 0,
    )
    isFine(t, report)
  })

  await t.test('HTTP-004: a file was edited', async (t) => {
    await a.exec(['sh', '-c', 'echo "# mine" >> /etc/flatnet/http-gateway/lua/flatnet/page.lua'])
    isBroken(t, await look(a), 'HTTP-004', /different: \S+page\.lua/)
    await flatnet(a, 'http-gateway', 'install')
    isFine(
      t,
      await untilReport(
        () => look(a),
        ({ roots }) => roots.length === 0,
      ),
    )
  })

  await t.test('HTTP-001: the Lua module is missing', async (t) => {
    await a.exec(['mount', '-t', 'tmpfs', 'none', MODULES])
    isBroken(t, await look(a), 'HTTP-001', /nginx has no Lua module/)
    await a.exec(['umount', MODULES])
  })

  await t.test('HTTP-002 and HTTP-003: nginx is gone, and its port is taken', async (t) => {
    await signalAgent(a, 'KILL')
    const pid = '/run/flatnet/http-gateway/nginx.pid'
    await a.exec(['sh', '-c', `kill -KILL $(pgrep -P "$(cat ${pid})") "$(cat ${pid})"`])
    const gone = await untilReport(() => look(a), isOnly('HTTP-002'))
    isBroken(t, gone, 'HTTP-002', /no nginx runs/)
    await untilState(b, a, 'down')
    const other = a.start(['busybox', 'httpd', '-f', '-p', '80'])
    t.teardown(() => void other.kill('SIGKILL'))
    const taken = await untilReport(() => look(a), isOnly('HTTP-003'))
    isBroken(t, taken, 'HTTP-003', /busybox \(process \d+\) listens on port 80/)
    await untilState(b, a, 'stranger')
    const seen = await look(b)
    t.match(saidBy(seen, 'HTTP-006'), /warn host-a at \S+:80: /)
  })
})

async function look(host: LabHost): Promise<Report> {
  return reportOf(await flatnet(host, 'check', '--group', 'HTTP', '--json'))
}
