// P2P routes are a lease of a living agent: they go when it is killed or hangs, and ADD leaves them alone while it lives.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { waitUntil } from '../../scripts/lab/run.ts'
import { type Holder, holdRoutes } from '../fixtures/agent-holder.ts'
import { whyNoHost } from '../fixtures/cni.ts'
import { makeHost, type TestHost } from '../fixtures/host.ts'
import { livingAgent } from '../../src/state/agent-lease.ts'
import { processStartTime } from '../../src/state/liveness.ts'

t.setTimeout(240_000)

const skip = whyNoHost()
const ON_P2P = { do: 'reconcile', p2p: ['10.86.2.1'] } as const

async function paths({ netns }: TestHost): Promise<readonly string[]> {
  const { stdout } = await netns.exec(['ip', 'route', 'show', 'root', '10.87.2.0/24'])
  return [...stdout.matchAll(/^10\.87\.2\.0\/24 via .* dev (\S+) /gm)].map(([, dev]) => dev ?? '')
}

// Far longer than it takes: how long is for the bench to say.
const gone = (host: TestHost): Promise<void> =>
  waitUntil('the P2P route to go', 30_000, async () => !(await paths(host)).includes('nebula1'))
const ended = (pid: number): Promise<void> =>
  waitUntil(`process ${String(pid)} to end`, 30_000, async () => processStartTime(pid) === undefined)

async function beats({ runDir }: Holder): Promise<void> {
  const read = (): string => readFileSync(`${runDir}/agent.json`, 'utf8')
  const before = read()
  await waitUntil('a sign of life', 30_000, async () => read() !== before)
}

t.test('an agent that is killed leaves the gateway path, and its guard leaves too', { skip }, async (t) => {
  const host = await makeHost(t)
  const holder = await holdRoutes(t, host)
  await holder.tell(ON_P2P)
  t.same(await paths(host), ['nebula1', 'eth0'])
  const guard = holder.guard()
  process.kill(holder.pid, 'SIGKILL')
  await gone(host)
  t.same(await paths(host), ['eth0'])
  await ended(guard)
})

t.test('an agent that hangs', { skip }, async (t) => {
  const host = await makeHost(t)
  const holder = await holdRoutes(t, host)
  await holder.tell(ON_P2P)
  const guard = holder.guard()

  await t.test('loses the P2P routes', async (t) => {
    process.kill(holder.pid, 'SIGSTOP')
    await gone(host)
    t.same(await paths(host), ['eth0'])
  })

  await t.test('keeps its guard, which deletes only once', async (t) => {
    const { stdout } = await host.netns.exec(['ip', 'route', 'show', 'proto', '77'])
    t.match(stdout, /10\.87\.2\.2 via/, 'the probes keep their routes')
    await waitUntil('it to be given up', 30_000, async () => livingAgent(holder.runDir) === undefined)
    await host.add(await host.container(), { conf: holder.conf })
    t.same(await paths(host), ['nebula1', 'eth0'], 'without a living agent ADD installs both')
    await sleep(3000)
    t.same(await paths(host), ['nebula1', 'eth0'], 'and nobody undoes that')
  })

  await t.test('is watched on when it goes on', async (t) => {
    process.kill(holder.pid, 'SIGCONT')
    await beats(holder)
    await holder.tell(ON_P2P)
    t.equal(holder.guard(), guard)
    process.kill(holder.pid, 'SIGSTOP')
    await gone(host)
    process.kill(holder.pid, 'SIGKILL')
    await ended(guard)
  })
})

t.test('a guard', { skip }, async (t) => {
  const host = await makeHost(t)
  const holder = await holdRoutes(t, host)
  await holder.tell(ON_P2P)

  await t.test('is followed by another when it is killed', async (t) => {
    const first = holder.guard()
    process.kill(first, 'SIGKILL')
    await waitUntil('another guard', 30_000, async () => holder.guard() !== first)
    t.same(await paths(host), ['nebula1', 'eth0'])
  })

  await t.test('does not mind the signals of a terminal or of systemd', async (t) => {
    const guard = holder.guard()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(guard, signal)
    await sleep(1000)
    t.equal(holder.guard(), guard)
    t.not(processStartTime(guard), undefined)
  })

  await t.test('leaves when another one takes its place', async () => {
    const guard = holder.guard()
    writeFileSync(`${holder.runDir}/guard.pid`, '1\n')
    await waitUntil('another guard', 30_000, async () => ![1, guard].includes(holder.guard()))
    await ended(guard)
  })

  await t.test('leaves with an agent that ends in good order', async (t) => {
    const guard = holder.guard()
    await holder.tell({ do: 'leave' })
    t.same(await paths(host), ['eth0'])
    await ended(guard)
  })
})

t.test('ADD and sync', { skip }, async (t) => {
  const host = await makeHost(t)
  const holder = await holdRoutes(t, host)
  await holder.tell({ do: 'reconcile' })

  await t.test('leave the routes to a living agent', async (t) => {
    await host.add(await host.container(), { conf: holder.conf })
    t.same(await paths(host), ['eth0'])
    const { stdout } = await host.netns.exec(['nft', 'list', 'table', 'ip', 'flatnet'])
    t.match(stdout, /masquerade/, 'the rules are there all the same')
    t.match((await host.cli(['sync'], holder.conf)).stdout, /, routes: the agent's$/m)
    t.same(await paths(host), ['eth0'])
    t.notMatch(stdout, /10\.87\.1\.[23]\b/, "no port is published on the probes' addresses")
  })

  await t.test('install both paths once it is dead, and the probes go', async (t) => {
    await holder.tell(ON_P2P)
    const guard = holder.guard()
    process.kill(holder.pid, 'SIGKILL')
    await gone(host)
    await host.add(await host.container(), { conf: holder.conf })
    t.same(await paths(host), ['nebula1', 'eth0'])
    await ended(guard)
    t.same(await paths(host), ['nebula1', 'eth0'], 'and the guard of the dead one does not take them')
    const { stdout } = await host.netns.exec(['ip', 'route', 'show', 'proto', '77'])
    t.notMatch(stdout, /10\.87\.2\.[23] /)
  })
})

t.test('routes are withdrawn whatever has become of the settings', { skip }, async (t) => {
  const host = await makeHost(t)
  const runDir = `${host.folder}/run`
  mkdirSync(runDir)
  await host.netns.exec(['ip', 'route', 'add', '10.87.2.0/24', 'via', '10.86.2.1', 'proto', '77'])
  t.same(await paths(host), ['nebula1'])
  writeFileSync(`${runDir}/p2p-routes.batch`, 'route delete 10.87.2.0/24 via 10.86.2.1 proto 77\n')
  const { exitCode, stderr } = await host.cli(['agent', '--withdraw'], { nonsense: 1 })
  t.equal(exitCode, 0, stderr)
  t.match(stderr, /settings damaged.*nonsense/)
  t.same(await paths(host), [])
  t.equal((await host.cli(['agent', '--withdraw'], { runDir: 7 })).exitCode, 0, 'nor of that one key')
})
