// The registry in a lab: containers of podman on one host, and what the other host knows of them.
import t from 'tap'
import { signalAgent, startAgent, stopAgent } from '../../../scripts/lab/host/agent.ts'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import { IMAGE } from '../../../scripts/lab/host/podman.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import type { ContainersView, ContainerView } from '../../../src/views/containers.ts'
import {
  flatnet,
  flatnetJson,
  metricsText,
  PATIENCE_MS,
  SHORT_WAITS,
  sumOf,
  writeSettings,
} from '../../fixtures/lab/agents.ts'
import { isFine, reportOf, saidBy } from '../../fixtures/host/check.ts'

const IDS = ['AGENT-011', 'AGENT-012', 'AGENT-013']

async function everywhere(host: LabHost): Promise<ContainersView> {
  return (await flatnetJson(host, 'ps', '--all')) as ContainersView
}

/** What a host knows of another's containers. */
async function known(host: LabHost, of: LabHost): Promise<readonly ContainerView[]> {
  return (await everywhere(host)).containers.filter((each) => each.host === of.name)
}

async function untilKnown(host: LabHost, of: LabHost, names: readonly string[]): Promise<void> {
  const wanted = names.toSorted().join(' ')
  await waitUntil(`${host.name} knows of ${of.name}: ${wanted}`, PATIENCE_MS, async () => {
    const found = await known(host, of)
    return (
      found
        .map((each) => each.names[0] ?? '')
        .toSorted()
        .join(' ') === wanted
    )
  })
}

t.test('two hosts with podman', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `tregistry${process.pid}` })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')]
  for (const { files } of lab.hosts) await writeSettings(files, { agent: SHORT_WAITS })
  const podman = (host: LabHost, ...words: string[]) => host.exec(['podman', ...words])
  await Promise.all([startAgent(a), startAgent(b)])

  await t.test(
    'a container that starts on one is known on the other, with all that podman tells',
    async (t) => {
      const options = [
        '--name',
        'web',
        '--label',
        'flatnet.http=true',
        '--label',
        'secret=x',
        '-p',
        '8080:80',
      ]
      await podman(a, 'run', '-d', '--network', 'flatnet', ...options, IMAGE, 'sleep', '100000')
      await untilKnown(b, a, ['web'])
      await waitUntil('labels follow', PATIENCE_MS, async () =>
        Object.hasOwn((await known(b, a))[0]?.labels ?? {}, 'flatnet.http'),
      )
      const [web] = await known(b, a)
      t.match(web, {
        host: 'host-a',
        addresses: [/^10\.87\.1\.\d+$/],
        ports: [{ protocol: 'tcp', hostPort: 8080, containerPort: 80 }],
        state: 'up',
      })
      t.same(web?.labels, { 'flatnet.http': 'true' }, 'and no label of anybody else')
      const metrics = await metricsText(b, '127.0.0.1')
      t.equal(sumOf(metrics, 'flatnet_registry_containers', 'peer="host-a"'), 1)
      t.equal(sumOf(metrics, 'flatnet_registry_containers', 'peer="self"'), 0)
      const report = reportOf(await flatnet(b, 'check', ...IDS.flatMap((id) => ['--only', id]), '--json'))
      isFine(t, report)
      t.match(saidBy(report, 'AGENT-011'), /1 containers of 1 other hosts/)
    },
  )

  await t.test('another name is known within the next look of podman', async () => {
    await podman(a, 'run', '-d', '--network', 'flatnet', '--name', 'db', IMAGE, 'sleep', '100000')
    await untilKnown(b, a, ['web', 'db'])
  })

  await t.test('a killed agent knows it all again when it is back, Nebula or not', async (t) => {
    // What comes within a second of another change is written a second later (src/agent/registry/shelf.ts).
    await waitUntil('all is on disk', PATIENCE_MS, async () => {
      const read = ['sh', '-c', 'cat /var/lib/flatnet/registry/*.json']
      const { stdout } = await b.exec(read, { check: false })
      return stdout.includes('"db"') && stdout.includes('"web"')
    })
    await signalAgent(b, 'KILL')
    await lab.cut(['a'])
    await startAgent(b)
    // What it left of its heartbeat says that it is ready.
    const none: ContainersView = { version: 1, containers: [], silent: [] }
    let told = none
    await waitUntil('the new agent answers', PATIENCE_MS, async () => {
      // While it starts it says so.
      const said = (await flatnetJson(b, 'ps', '--all').catch(() => none)) as Partial<ContainersView>
      told = { ...none, ...said }
      return told.silent.every(({ host }) => host !== 'all other hosts') && told.containers.length > 0
    })
    const { containers, silent } = told
    t.same(containers.map(({ names }) => names[0] ?? '').toSorted(), ['db', 'web'])
    t.same(silent, [])
    await lab.mend()
  })

  await t.test('a container that is stopped is forgotten, one that is killed too', async () => {
    await podman(a, 'stop', '-t', '0', 'db')
    await untilKnown(b, a, ['web'])
    await podman(a, 'kill', 'web')
    await untilKnown(b, a, [])
    await podman(a, 'start', 'web')
    await untilKnown(b, a, ['web'])
  })

  await t.test('the containers of a host whose agent is killed go with it', async (t) => {
    await signalAgent(a, 'KILL')
    await untilKnown(b, a, [])
    t.same((await everywhere(b)).silent, [{ host: 'host-a', reason: 'its agent is silent' }])
    t.equal(sumOf(await metricsText(b, '127.0.0.1'), 'flatnet_registry_containers', 'peer="host-a"'), 0)
    await startAgent(a)
    await untilKnown(b, a, ['web'])
  })
  await Promise.all([a, b].map(stopAgent))
})
