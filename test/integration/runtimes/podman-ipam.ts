// Debian's bridge plugin with addresses from flatnet-ipam, as in conflist/20-flatnet-ipam-bridge.conflist.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import {
  leasesOn,
  networksOf,
  podman,
  remainsOn,
  removeContainer,
  runWeb,
} from '../../fixtures/runtimes/podman.ts'
import { BY_NEBULA, lastClientOf, pageFrom, ttlFrom } from '../../fixtures/traffic/reach.ts'

const CONFLIST = join(import.meta.dirname, '../../../conflist/20-flatnet-ipam-bridge.conflist')
const ON = ['--network', 'flatnet-bridge']

t.test('podman with the bridge plugin and flatnet-ipam', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `tipam${process.pid}` })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')]
  await a.exec(['sh', '-c', 'cat > /etc/cni/net.d/20-flatnet-ipam-bridge.conflist'], {
    input: readFileSync(CONFLIST, 'utf8'),
  })

  await t.test('a container gets an address of its host and releases it', async (t) => {
    const web = await runWeb(a, 'web', [...ON, '-p', '8080:80'])
    t.match((await networksOf(a, 'web'))['flatnet-bridge'], { IPPrefixLen: 24, Gateway: '10.87.1.1' })
    t.same(await leasesOn(a), [web.address])
    t.equal(await pageFrom(a, '127.0.0.1:8080'), 'hello from web', 'its published port answers')
    await podman(a, ['stop', '-t', '0', 'web'])
    t.same(await leasesOn(a), [], 'released when it stops')
    await podman(a, ['start', 'web'])
    t.equal((await leasesOn(a)).length, 1)
    await removeContainer(a, 'web')
    t.same(await remainsOn(a), [])
  })

  await t.test('--ip is applied', async (t) => {
    const web = await runWeb(a, 'web', [...ON, '--ip', '10.87.1.77'])
    t.equal(web.address, '10.87.1.77')
    await removeContainer(a, 'web')
  })

  await t.test('after flatnet-cni sync it and containers of other hosts reach each other without NAT',
    async (t) => {
    const web = await runWeb(a, 'web', ON)
    await a.exec(['flatnet-cni', 'sync'])
    const [other, neighbour] = [await runWeb(b, 'other'), await runWeb(a, 'neighbour')]
    t.equal(await pageFrom(other, web.address), 'hello from web')
    t.equal(await lastClientOf(web), other.address, 'without NAT')
    t.equal(await ttlFrom(web, other.address), BY_NEBULA)
    t.equal(await pageFrom(web, other.address), 'hello from other')
    t.equal(await lastClientOf(other), web.address, 'without NAT in the other direction')
    t.equal(await pageFrom(neighbour, web.address), 'hello from web', 'from flatnet-cni on the same bridge')
    for (const [host, name] of [[a, 'web'], [a, 'neighbour'],
      [b, 'other']] as const) await removeContainer(host, name)
    t.same(await remainsOn(a), [])
  })
}) // prettier-ignore
