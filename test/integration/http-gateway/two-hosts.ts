// Two hosts with real Nebula, podman and nginx: a browser on the LAN opens containers of both through one
// HTTP Gateway while Nebula and the agent of the other host are killed, and while only the LAN is left.

import { join } from 'node:path'
import t, { type Test } from 'tap'
import { signalAgent, startAgent } from '../../../scripts/lab/host/agent.ts'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import type { Lab } from '../../../scripts/lab/lab.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import type { CutHow } from '../../../scripts/lab/network/faults.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { flatnet, SHORT_WAITS, waitForPath, writeSettings } from '../../fixtures/lab/agents.ts'
import { runWeb } from '../../fixtures/runtimes/podman.ts'

const PROGRAM = join(import.meta.dirname, '../../fixtures/http-gateway/load-program.ts')

t.test('two hosts', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `tgw${process.pid}` })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')]
  for (const { files } of [a, b]) await writeSettings(files, { agent: SHORT_WAITS })
  await Promise.all([startAgent(a), startAgent(b)])
  await runWeb(a, 'web-a', ['--network', 'flatnet', '-p', '8080:80'])
  await runWeb(b, 'web-b', ['--network', 'flatnet', '-p', '8080:80'])
  await runWeb(b, 'hidden', ['--network', 'flatnet'])
  for (const host of [a, b]) await flatnet(host, 'http-gateway', 'install')
  await waitForPath(a, b, 'direct')

  await t.test('any browser on the LAN reaches any container through any HTTP Gateway', async () => {
    for (const host of [a, b])
      for (const name of ['web-a', 'web-b'])
        await waitUntil(`${name} through ${host.name}`, 30_000, async () => {
          return (await open(lab, host, `${name}.flatnet.internal`)) === `hello from ${name}`
        })
  })
  await t.test('names, paths, and what was not published', async (t) => {
    const address = a.plan.v4.wsl
    t.equal(await open(lab, a, 'web-b.host-b.flatnet.internal'), 'hello from web-b')
    t.equal(await open(lab, a, '80--web-b.flatnet.internal'), 'hello from web-b')
    t.equal(await open(lab, a, address, '/~web-b/'), 'hello from web-b')
    t.match(await open(lab, a, 'hidden.flatnet.internal'), 'No container that can be reached here')
    t.match(await open(lab, a, address, '/~hidden/'), 'No container that can be reached here')
    const { stdout } = await lab.lan.exec(['curl', '-s', '-m', '5', `http://${address}:4281/metrics`], {
      check: false,
    })
    t.equal(stdout, '', 'metrics are not for the LAN')
  })
  await t.test('status', async (t) => {
    const { stdout } = await flatnet(a, 'http-gateway', 'status', '--json')
    t.match(JSON.parse(stdout), {
      version: 1,
      isInstalled: true,
      host: 'host-a',
      domain: 'flatnet.internal',
      names: 2,
      problem: null,
    })
    const { exitCode } = await flatnet(a, 'check', '--group', 'HTTP')
    t.equal(exitCode, 0)
  })

  await t.test('no idempotent request fails while paths break and agents die', async (t) => {
    const load = startLoad(t, lab, a)
    const said: string[] = []
    const step = async (what: string, work: () => Promise<unknown>, requests: number): Promise<void> => {
      said.push(`${new Date().toISOString()} ${what}`)
      await work()
      await load.more(requests)
    }
    const cut = (how: CutHow) => async (): Promise<void> => {
      await lab.cut(['b'], how)
      await waitForPath(a, b, 'gateway')
    }
    const mend = async (): Promise<void> => {
      await lab.mend()
      await waitForPath(a, b, 'direct')
    }
    await load.more(100)
    await step('Nebula on B is stopped', cut('nebula'), 100)
    await step('Nebula on B is started', mend, 100)
    await step('its packets are dropped', cut('underlay'), 100)
    await step('they pass again', mend, 100)
    // Other hosts forget the names of a host whose agent is silent for its lease.
    await step('the agent of B is killed', () => signalAgent(b, 'KILL'), 20)
    await step('it is started', () => startAgent(b), 100)
    await step('the agent of A is killed', () => signalAgent(a, 'KILL'), 100)
    await step('it is started', () => startAgent(a), 200)
    const { count, failures, slowestMs } = await load.end()
    t.same(failures, [], said.join(', '))
    t.comment(`${String(count)} requests, the slowest took ${String(Math.round(slowestMs))} ms`)
  })

  await t.test('where only the LAN is left, the other host’s HTTP Gateway answers', async (t) => {
    await a.windows.exec(['ip', 'route', 'delete', b.plan.v4.subnet])
    await b.windows.exec(['ip', 'route', 'delete', a.plan.v4.subnet])
    await lab.cut(['b'], 'nebula')
    // Connections that were open before say nothing more; nginx keeps idle ones for four seconds.
    await waitUntil('an answer', 60_000, async () => {
      return (await open(lab, a, 'web-b.flatnet.internal')) === 'hello from web-b'
    })
    const load = startLoad(t, lab, a)
    await load.more(200)
    const { failures } = await load.end()
    t.same(failures, [])
    const { stdout } = await a.exec(['tail', '-n', '40', '/var/log/flatnet/http-gateway.log'])
    t.match(stdout, /"route":"http-gateway web-b@host-b"/)
  })

  await t.test('nginx comes back by the agent, with what it knew', async (t) => {
    await a.exec(['sh', '-c', 'kill -KILL "$(cat /run/flatnet/http-gateway/nginx.pid)"'])
    await a.exec(['sh', '-c', 'for pid in $(pidof nginx); do kill -KILL "$pid"; done'], { check: false })
    await waitUntil('an answer again', 60_000, async () => {
      return (await open(lab, a, 'web-a.flatnet.internal')) === 'hello from web-a'
    })
    t.pass('it answers')
  })

  await t.test('uninstalled, nothing is left', async (t) => {
    await flatnet(a, 'http-gateway', 'uninstall')
    for (const path of [
      '/etc/flatnet/http-gateway',
      '/run/flatnet/http-gateway',
      '/etc/logrotate.d/flatnet-http-gateway',
    ])
      t.not((await a.exec(['test', '-e', path], { check: false })).exitCode, 0, path)
    await waitUntil('the end of nginx', 60_000, async () => {
      return (await a.exec(['pidof', 'nginx'], { check: false })).exitCode !== 0
    })
    const { stdout } = await flatnet(a, 'http-gateway', 'status')
    t.match(stdout, /not installed/)
  })
})

/** Opens a page as a browser on the LAN does. */
async function open(lab: Lab, through: LabHost, host: string, path = '/'): Promise<string> {
  const url = `http://${through.plan.v4.wsl}${path}`
  const { stdout } = await lab.lan.exec(['curl', '-s', '-m', '20', '-H', `Host: ${host}`, url], {
    check: false,
  })
  return stdout.trim()
}

interface Load {
  /** Returns after so many further requests. */
  readonly more: (requests: number) => Promise<void>
  readonly end: () => Promise<{
    readonly count: number
    readonly slowestMs: number
    readonly failures: readonly string[]
  }>
}

function startLoad(t: Test, lab: Lab, through: LabHost): Load {
  const pages = ['web-a', 'web-b'].map((name) => `${name}=hello from ${name}`)
  const running = lab.lan.start([process.execPath, PROGRAM, through.plan.v4.wsl, ...pages])
  let said = ''
  running.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  t.teardown(() => void running.kill('SIGKILL'))
  const count = (): number => Number([...said.matchAll(/^(\d+)$/gm)].at(-1)?.[1] ?? 0)
  return {
    more: async (requests) => {
      const before = count()
      await waitUntil(`${String(requests)} requests`, 120_000, async () => count() >= before + requests)
    },
    end: async () => {
      running.kill('SIGTERM')
      const { stdout } = await running
      return JSON.parse(stdout.split('\n').at(-1) ?? '') as Awaited<ReturnType<Load['end']>>
    },
  }
}
