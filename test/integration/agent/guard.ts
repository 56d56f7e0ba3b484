// Direct routes last as long as their agent: they go when it is killed or hangs, and ADD leaves them alone
// while it lives.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { type Holder, holdRoutes } from '../../fixtures/agent/holder.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { makeHost, type TestHost } from '../../fixtures/host/host.ts'
import { livingAgent } from '../../../src/state/agent/heartbeat.ts'
import { processStartTime } from '../../../src/kernel/presence.ts'

const skip = whyNoHost()
const ON_P2P = { do: 'reconcile', p2p: ['10.86.2.1'] } as const

async function paths({ netns }: TestHost): Promise<readonly string[]> {
  const { stdout } = await netns.exec(['ip', 'route', 'show', 'root', '10.87.2.0/24'])
  return [...stdout.matchAll(/^10\.87\.2\.0\/24 via .* dev (\S+) /gm)].map(([, dev]) => dev ?? '')
}

// Far longer than it takes; the bench measures how long that is.
const gone = (host: TestHost): Promise<void> =>
  waitUntil('the direct route to go', 30_000, async () => !(await paths(host)).includes('nebula1'))
const ended = (pid: number): Promise<void> =>
  waitUntil(`process ${String(pid)} to end`, 30_000, async () => processStartTime(pid) === undefined)

async function beats({ runDir }: Holder): Promise<void> {
  const read = (): string => readFileSync(`${runDir}/agent.json`, 'utf8')
  const before = read()
  await waitUntil('the next heartbeat', 30_000, async () => read() !== before)
}

// The page faults of the programs that a process has started and waited for (proc_pid_stat(5), cminflt).
function faultsOfChildren(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[8])
}

t.test('after an agent was killed the gateway path remains, and its guard ends', { skip }, async (t) => {
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

  await t.test('loses the direct routes', async (t) => {
    process.kill(holder.pid, 'SIGSTOP')
    await gone(host)
    t.same(await paths(host), ['eth0'])
  })

  await t.test('keeps its guard, which deletes only once', async (t) => {
    const { stdout } = await host.netns.exec(['ip', 'route', 'show', 'proto', '77'])
    t.match(stdout, /10\.87\.2\.2 via/, 'the probes keep their routes')
    await waitUntil(
      'the agent to count as dead',
      30_000,
      async () => livingAgent(holder.runDir) === undefined,
    )
    await host.add(await host.container(), { conf: holder.conf })
    t.same(await paths(host), ['nebula1', 'eth0'], 'without a live agent ADD installs both paths')
    await sleep(3000)
    t.same(await paths(host), ['nebula1', 'eth0'], 'the guard does not remove them')
  })

  await t.test('is guarded again when it continues', async (t) => {
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

  await t.test('starts no program while it watches a living agent', async () => {
    const guard = holder.guard()
    // On a busy machine, the agent may seem to hang now and then, and the guard runs ip.
    await waitUntil('four heartbeats without a program', 60_000, async () => {
      const before = faultsOfChildren(guard)
      for (let beat = 0; beat < 4; beat++) await beats(holder)
      return faultsOfChildren(guard) === before
    })
  })

  await t.test('is replaced when it is killed', async (t) => {
    const first = holder.guard()
    process.kill(first, 'SIGKILL')
    await waitUntil('the next guard', 30_000, async () => holder.guard() !== first)
    t.same(await paths(host), ['nebula1', 'eth0'])
  })

  await t.test('ignores the signals of a terminal and of systemd', async (t) => {
    const guard = holder.guard()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(guard, signal)
    await sleep(1000)
    t.equal(holder.guard(), guard)
    t.not(processStartTime(guard), undefined)
  })

  await t.test('ends when another guard takes its place', async () => {
    const guard = holder.guard()
    writeFileSync(`${holder.runDir}/guard.pid`, '1\n')
    await waitUntil('the next guard', 30_000, async () => ![1, guard].includes(holder.guard()))
    await ended(guard)
  })

  await t.test('ends with an agent that exits cleanly', async (t) => {
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

  await t.test('leave the routes to a live agent', async (t) => {
    await host.add(await host.container(), { conf: holder.conf })
    t.same(await paths(host), ['eth0'])
    const { stdout } = await host.netns.exec(['nft', 'list', 'table', 'ip', 'flatnet'])
    t.match(stdout, /masquerade/, 'the rules are installed anyway')
    t.match((await host.cli(['sync'], holder.conf)).stdout, /, routes managed by the agent$/m)
    t.same(await paths(host), ['eth0'])
    t.notMatch(stdout, /10\.87\.1\.[23]\b/, 'no port is published on the probe addresses')
  })

  await t.test('install both paths once it is dead, and remove the probe routes', async (t) => {
    await holder.tell(ON_P2P)
    const guard = holder.guard()
    process.kill(holder.pid, 'SIGKILL')
    await gone(host)
    await host.add(await host.container(), { conf: holder.conf })
    t.same(await paths(host), ['nebula1', 'eth0'])
    await ended(guard)
    t.same(await paths(host), ['nebula1', 'eth0'], "the dead agent's guard does not remove them")
    const { stdout } = await host.netns.exec(['ip', 'route', 'show', 'proto', '77'])
    t.notMatch(stdout, /10\.87\.2\.[23] /)
  })
})

t.test('routes are withdrawn even if the settings are damaged', { skip }, async (t) => {
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
  t.equal(
    (await host.cli(['agent', '--withdraw'], { runDir: 7 })).exitCode,
    0,
    'one invalid key does not prevent it',
  )
})
