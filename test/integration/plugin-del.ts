// DEL: takes everything away, and is content whatever is missing.
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isRefused, isSilent, whyNoHost } from '../fixtures/cni.ts'
import { type CallOptions, makeHost, type TestHost } from '../fixtures/host.ts'
import { type Netns, removeNetns, show } from '../fixtures/netns.ts'

t.setTimeout(240_000)

const skip = whyNoHost()

// /etc is another one for this call only: the machine's own has nothing to do with the test.
const withSettings = (text: string): string =>
  ['mount -t tmpfs tmpfs /etc', 'mkdir /etc/flatnet', `echo '${text}' >/etc/flatnet/flatnet.json`].join('\n')

t.test('DEL leaves nothing', { skip }, async (t) => {
  const host = await makeHost(t)
  const record = (container: Netns): string =>
    join(host.stateDir, 'attachments', 'flatnet', `${container.name}:eth0`)
  const damage =
    (path: (host: TestHost, container: Netns) => string, text: string) =>
    async (container: Netns): Promise<void> => {
      writeFileSync(path(host, container), text)
    }
  const leases = (): string => join(host.stateDir, 'leases')
  const lease = (): string => join(leases(), readdirSync(leases())[0] ?? 'none')
  const cases: readonly [string, ((container: Netns) => Promise<unknown>) | undefined, CallOptions][] = [
    ['of a container as ADD left it', undefined, {}],
    ['without a namespace', undefined, { netns: '' }],
    ['with the path of a namespace that is gone', undefined, { netns: '/run/netns/gone' }],
    ['with a path that is no namespace', undefined, { netns: '/etc/hostname' }],
    ['after the namespace ended', async (container) => removeNetns(container.name), {}],
    ['after somebody deleted the link', (container) => container.batch(['link delete eth0']), {}],
    [
      'after somebody took the link out of the bridge',
      (container) => container.batch(['link set eth0 down']),
      {},
    ],
    ['after the record was damaged', damage((_, container) => record(container), '{"version": 1'), {}],
    ['after the record was emptied', damage((_, container) => record(container), ''), {}],
    ['after the lease was damaged', damage(lease, 'garbage'), {}],
    ['with a settings file that is damaged', undefined, { mounts: withSettings('{') }],
    ['with a settings file that has an unknown key', undefined, { mounts: withSettings('{"colour": 1}') }],
    ['with a wrong value in the settings file', undefined, { mounts: withSettings('{"mtu": "big"}') }],
    ['with unknown keys in the configuration', undefined, { conf: { colour: 1, nebula: { colour: 1 } } }],
    ['with a prevResult of another shape', undefined, { conf: { prevResult: 'damaged' } }],
    ['without the programs that only ADD needs', undefined, { mounts: 'mount -t tmpfs tmpfs /usr/sbin' }],
  ]
  for (const [name, before, options] of cases) {
    await t.test(name, async (t) => {
      const container = await host.container()
      await host.add(container)
      t.equal((await host.remains()).length, 3, 'ADD made a link, a lease and a record')
      await before?.(container)
      isSilent(t, await host.del(container, options), 'DEL')
      t.same(await host.remains(), [])
      if (!options.netns && before === undefined) {
        t.same(await show(container, ['link', 'show', 'dev', 'eth0']), [], 'nor in the container')
      }
      isSilent(t, await host.del(container, options), 'DEL once more')
    })
  }

  await t.test('with the result of ADD as prevResult', async (t) => {
    const container = await host.container()
    const prevResult = await host.add(container)
    isSilent(t, await host.del(container, { conf: { prevResult } }), 'DEL')
    t.same(await host.remains(), [])
  })

  await t.test('when the certificate, the CA and the peers are gone', async (t) => {
    const container = await host.container()
    await host.add(container)
    for (const name of ['host.crt', 'ca.crt', 'peers']) rmSync(join(host.folder, name), { recursive: true })
    isSilent(t, await host.del(container), 'DEL')
    t.same(await host.remains(), [])
  })

  await t.test('when all of the state is gone', async (t) => {
    const container = await host.container()
    isRefused(t, await host.call('ADD', container), 5, /host\.crt|ca\.crt/)
    rmSync(host.stateDir, { recursive: true })
    isSilent(t, await host.del(container), 'DEL')
    t.same(await host.remains(), [])
  })
})

t.test('DEL of a container that was never there says nothing', { skip }, async (t) => {
  const host = await makeHost(t)
  isSilent(t, await host.del(await host.container()), 'on a host where nothing was ever added')
  const container = await host.container()
  await host.add(container)
  isSilent(t, await host.del(await host.container()), 'beside another one')
  t.equal((await host.remains()).length, 3, 'which stays')
})

t.test('DEL leaves the address alone that another container has by now', { skip }, async (t) => {
  const host = await makeHost(t)
  const [old, current] = [await host.container(), await host.container()]
  await host.add(old, { args: 'IP=10.87.1.50' })
  // The old one's lease went without its record, as after restoring a backup, and the address was given again.
  rmSync(join(host.stateDir, 'leases', '10.87.1.50'))
  await host.add(current, { args: 'IP=10.87.1.50' })
  isSilent(t, await host.del(old), 'DEL of the old one')
  t.ok((await host.remains()).includes('10.87.1.50'), 'the lease stays with the new one')
})
