// Names of containers: what the runtime passes to ADD is enough, even for an agent that may ask no runtime.
import { join } from 'node:path'
import t from 'tap'
import { serveApi } from '../../../src/api/server.ts'
import { addressOf, whyNoHost } from '../../fixtures/host/cni.ts'
import { makeHost } from '../../fixtures/host/host.ts'
import { inhabit } from '../../fixtures/host/netns.ts'

const skip = whyNoHost()

t.test('a container has the name that its runtime gave at start', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  inhabit(t, container)
  const address = addressOf(await host.add(container, { args: 'IgnoreUnknown=1;K8S_POD_NAME=shop' }))
  const unnamed = await host.container()
  await host.add(unnamed, { args: 'IgnoreUnknown=1;K8S_POD_NAME=no name!' })
  const ps = await host.cli(['ps'])
  t.match(ps.stdout, new RegExp(`^shop +${container.name.slice(0, 12)} `, 'm'))
  t.match(ps.stdout, new RegExp(`^- +${unnamed.name.slice(0, 12)} `, 'm'))
  t.match((await host.cli(['ipam', 'show', address])).stdout, /^Names +shop$/m)

  const entry = (id: string, of: string) => ({
    host: of,
    id,
    names: [],
    network: 'flatnet',
    ifname: 'eth0',
    addresses: ['10.87.2.10'],
    ports: [],
    since: '2026-01-01T00:00:00Z',
    state: 'up',
  })
  const server = await serveApi(join(host.folder, 'run'), {
    'GET /v1/containers': () => ({
      version: 1,
      containers: [entry(container.name, 'host-a'), entry('f'.repeat(64), 'host-b')],
      silent: [],
    }),
  })
  t.teardown(() => server.close())
  const all = await host.cli(['ps', '--all'])
  t.equal(all.exitCode, 0, all.stderr)
  t.match(all.stdout, /^host-a +shop /m, 'our own host, as ps shows it')
  t.match(all.stdout, /^host-b +- +f{12} /m)
  t.equal(all.stdout.split('\n').filter((line) => line.includes(container.name.slice(0, 12))).length, 1)
})
