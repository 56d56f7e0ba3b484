// Hosts on loopback: 127.86.N.1 is the overlay address of host N.

import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import t, { type Test } from 'tap'

import { createHttpListeners, type HttpMounts } from '../../../src/agent/http.ts'
import { containersMount, containersView } from '../../../src/agent/office-containers.ts'
import { makePeerSet } from '../../../src/agent/peer-set.ts'
import type { World } from '../../../src/agent/world.ts'
import type { ContainerView } from '../../../src/api/containers.ts'
import { AGENT_DEFAULTS } from '../../../src/config/agent-settings.ts'
import { contactOf } from '../../fixtures/agent-peer.ts'

const container = (id: string, ...addresses: readonly string[]): ContainerView => ({
  host: 'liar',
  id,
  names: [id],
  network: 'flatnet',
  ifname: 'eth0',
  addresses,
  ports: [],
  since: '2026-01-01T00:00:00.000Z',
  state: 'up',
})

/** Serves the mounts on an address until the test ends. @returns the port */
async function serve(t: Test, address: string, mounts: HttpMounts): Promise<number> {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address() as AddressInfo
  free.close()
  await once(free, 'close')
  const listeners = createHttpListeners(port)
  t.teardown(() => listeners.close())
  t.same(await listeners.ensure([{ address, mounts }]), [])
  return port
}

t.test('a crowd that asks for the containers costs one look at them', async (t) => {
  let looks = 0
  const mounts = containersMount(async () => {
    looks += 1
    await new Promise((resolve) => setTimeout(resolve, 20))
    return []
  })
  const port = await serve(t, '127.0.0.1', mounts)
  const asked = Array.from({ length: 40 }, async () =>
    (await fetch(`http://127.0.0.1:${String(port)}/v1/containers`)).json(),
  )
  for (const answer of await Promise.all(asked)) t.same(answer, { version: 1, containers: [], silent: [] })
  t.equal(looks, 1)
})

t.test('a host tells of its own containers only, whatever it says', async (t) => {
  const said = [
    container('web', '10.87.2.10'),
    container('dual', '10.87.2.11', 'fd87:0:0:2::11'),
    container('stolen', '10.87.3.10'),
    container('both', '10.87.2.12', '192.168.1.1'),
    container('nonsense', 'web.example'),
  ]
  const port = await serve(
    t,
    '127.86.2.1',
    containersMount(async () => said),
  )
  const peers = makePeerSet(() => AGENT_DEFAULTS)
  const [own, other] = [1, 2].map((number) => ({
    number,
    overlay: [`127.86.${String(number)}.1`],
    subnets: [`10.87.${String(number)}.0/24`, `fd87:0:0:${String(number)}::/64`],
  }))
  if (own === undefined || other === undefined) throw new Error('two hosts')
  peers.update([contactOf(own, other)])
  const world = {
    agent: { ...AGENT_DEFAULTS, port },
    settings: { stateDir: t.testdir({}) },
    identity: { name: 'host-1' },
  } as unknown as World
  const refused: string[] = []
  const { containers, silent } = await containersView(world, peers, true, (why) => refused.push(why))
  t.same(silent, [])
  t.same(
    containers.map(({ host, id }) => `${host} ${id}`),
    ['host-2 web', 'host-2 dual'],
  )
  t.same(refused, ['container-address', 'container-address', 'container-address'])
})
