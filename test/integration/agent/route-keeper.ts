// The agent's route keeper in a host's own network namespace: what the kernel has after each command.

import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { cleanUp } from '../../fixtures/clean-up.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { HOST_B, makeHost, type TestHost } from '../../fixtures/host/host.ts'

const skip = whyNoHost()

const P2P = '10.87.2.0/24 via 10.86.2.1 dev nebula1'
const GATEWAY = '10.87.2.0/24 via 192.168.77.1 dev eth0'

interface State {
  readonly p2p: readonly string[]
  readonly trouble: string | null
  readonly logged: readonly string[]
  readonly changed: number
}

/** Gives the keeper commands, and resolves to its state once nothing is pending. */
function keep(t: Test, host: TestHost): (commands: string) => Promise<State> {
  const { cniVersion: _, name: __, type: ___, ...settings } = host.conf({ runDir: join(host.folder, 'run') })
  const file = join(host.folder, 'settings.json')
  writeFileSync(file, JSON.stringify(settings))
  const program = join(import.meta.dirname, '../../fixtures/agent/route-keeper-program.ts')
  const argv = [`--net=${host.netns.path}`, process.execPath, program, file]
  const child = spawn('nsenter', argv, { stdio: ['pipe', 'pipe', 'inherit'] })
  cleanUp(t, () => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return async (commands) => {
    child.stdin.write(`${commands}\n`)
    const { value, done } = await lines.next()
    if (done === true) throw new Error('the keeper has ended')
    return JSON.parse(value) as State
  }
}

/** Returns the routes to the peer's containers. */
async function routes({ netns }: TestHost): Promise<readonly string[]> {
  const { stdout } = await netns.exec(['ip', 'route', 'show', 'exact', '10.87.2.0/24'])
  return stdout.split('\n').flatMap((line) => /^\S+ via \S+ dev \S+/.exec(line)?.[0] ?? [])
}

t.test('the kernel ends up with the last request', { skip }, async (t) => {
  const host = await makeHost(t)
  host.addPeer(HOST_B)
  const tell = keep(t, host)
  t.match(await tell('reconcile'), { p2p: [], trouble: null, logged: ['routes corrected'] })
  t.same(await routes(host), [GATEWAY])
  t.match(await tell('reconcile'), { logged: [] }, 'nothing is pending')

  t.match(await tell('install'), { p2p: ['10.86.2.1'], trouble: null })
  t.same(await routes(host), [P2P, GATEWAY])
  t.match(await tell('withdraw'), { p2p: [] })
  t.same(await routes(host), [GATEWAY])

  await tell('reconcile install withdraw')
  t.same(await routes(host), [GATEWAY], 'of several pending changes the last one counts')
  await tell('install withdraw install reconcile')
  t.same(await routes(host), [P2P, GATEWAY])

  await host.netns.batch(['route del 10.87.2.0/24 via 10.86.2.1 dev nebula1'])
  t.match(await tell('reconcile'), { logged: ['routes corrected'] })
  t.same(await routes(host), [P2P, GATEWAY], 'another program had deleted it')
  await tell('repair')
  t.same(await routes(host), [P2P, GATEWAY], 'repairing the pinned routes changes nothing else')

  await host.netns.batch(['link set nebula1 down'])
  const refused = await tell('install')
  t.match(refused, { logged: ['routes not changed'], trouble: /./ })
  await host.netns.batch(['link set nebula1 up'])
  t.match(await tell('reconcile'), { trouble: null }, 'the keeper has nothing to repair')
  t.same(await routes(host), [P2P, GATEWAY])
})
