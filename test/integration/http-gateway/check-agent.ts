// The items of the group HTTP that are about the agent and nginx as a pair: what nginx was told, which files
// it runs, how much it can hold. One fault after another on one host.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { signalAgent, startAgent } from '../../../scripts/lab/host/agent.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import type { Report } from '../../../src/check/report.ts'
import { isBroken, isFine, isOnly, reportOf, saidBy, untilReport } from '../../fixtures/host/check.ts'
import { flatnet, SHORT_WAITS, writeSettings } from '../../fixtures/lab/agents.ts'

const NGINX_PID = '/run/flatnet/http-gateway/nginx.pid'
const CONFIGURATION = '/etc/flatnet/http-gateway/nginx.conf'
const SNAPSHOT = '/var/lib/flatnet/http-gateway.json'
const PUSH_SOCKET = '/run/flatnet/http-gateway/push.sock'

t.test('an HTTP Gateway and its agent', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `hga${String(process.pid)}`, podman: false, hosts: 1 })
  t.teardown(() => lab.down())
  const a = lab.host('a')
  await writeSettings(a.files, { agent: SHORT_WAITS })
  const look = async (): Promise<Report> => reportOf(await flatnet(a, 'check', '--group', 'HTTP', '--json'))
  const untilFine = (): Promise<Report> => untilReport(look, ({ roots }) => roots.length === 0)
  const sh = (script: string) => a.exec(['sh', '-ec', script])
  await flatnet(a, 'sync')
  await startAgent(a)
  await flatnet(a, 'http-gateway', 'install')
  isFine(t, await untilFine())

  await t.test('HTTP-008: nginx runs files of another version', async (t) => {
    // The second text of `init` names the files (src/http-gateway/render.ts).
    const rename = "s/init('\\([^']*\\)', '[0-9a-f]*', /init('\\1', 'abc', /"
    await sh(`cp -p ${CONFIGURATION} /run/before; sed -i "${rename}" ${CONFIGURATION}`)
    await sh(`kill -HUP "$(cat ${NGINX_PID})"`)
    await waitUntil('nginx says what it runs', 60_000, async () => {
      const { stdout } = await a.exec(['curl', '-s', '--unix-socket', PUSH_SOCKET, 'http://d/v1/status'])
      return stdout.includes('"release":"abc"')
    })
    await a.exec(['cp', '-p', '/run/before', CONFIGURATION])
    const report = await untilReport(look, isOnly('HTTP-008'))
    isBroken(t, report, 'HTTP-008', /has not loaded the files of this version/)
    await flatnet(a, 'http-gateway', 'install')
    isFine(t, await untilFine())
  })

  await t.test('HTTP-009: no address of this host on the LAN', async (t) => {
    const route = (await a.exec(['ip', 'route', 'show', 'default'])).stdout.trim().split(/\s+/)
    await a.exec(['ip', 'route', 'del', 'default'])
    const report = await untilReport(look, isOnly('HTTP-009'))
    isBroken(t, report, 'HTTP-009', /knows no address of this host on the LAN/)
    await a.exec(['ip', 'route', 'add', ...route])
    isFine(t, await untilFine())
  })

  await t.test('HTTP-005: nginx starts without an agent', async (t) => {
    const restart = async (): Promise<void> => {
      await sh(`kill -QUIT "$(cat ${NGINX_PID})"`)
      await waitUntil('the end of nginx', 60_000, async () => {
        return (await a.exec(['pidof', 'nginx'], { check: false })).exitCode !== 0
      })
      await flatnet(a, 'http-gateway', 'install')
    }
    await signalAgent(a, 'KILL')
    await restart()
    const saved = await untilReport(look, isOnly('HTTP-005'))
    isBroken(t, saved, 'HTTP-005', /warn +since its start it knows only what was saved on disk/)
    await sh(`rm ${SNAPSHOT}`)
    await restart()
    const nothing = await untilReport(look, (report) => saidBy(report, 'HTTP-005').includes('nothing'))
    isBroken(t, nothing, 'HTTP-005', /fail +it has been told nothing yet/)
    await startAgent(a)
    isFine(t, await untilFine())
  })

  await t.test('HTTP-010: its memory is almost full', async (t) => {
    // The agent would remove hosts that it does not know.
    await signalAgent(a, 'KILL')
    for (const number of [1, 2, 3, 4]) {
      const host = `host-x${String(number)}`
      const document = { version: 1, host, epoch: 1, seq: 1, path: 'p2p', subnets: [], containers: [] }
      // What a document says beyond what nginx knows is kept, and not looked at.
      const text = JSON.stringify({ ...document, more: 'x'.repeat(7_500_000) })
      writeFileSync(join(a.files, 'own/var/lib/flatnet/document.json'), text)
      const push = ['curl', '-sf', '--unix-socket', PUSH_SOCKET, '-X', 'PUT', '-H', 'Expect:']
      await a.exec([...push, '--data-binary', '@/var/lib/flatnet/document.json', `http://d/v1/hosts/${host}`])
    }
    t.match(saidBy(await look(), 'HTTP-010'), /^warn +[0-3]\.\d MiB of 32 are free/)
    await startAgent(a)
    isFine(t, await untilFine())
  })
})
