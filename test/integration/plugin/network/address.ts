// Which address a container gets: the one asked for, the next free one, or none if the subnet is full.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { waitUntil } from '../../../../scripts/lab/run.ts'
import { addressOf, isRefused, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { type CallOptions, makeHost, type TestHost } from '../../../fixtures/host/host.ts'
import { type Netns, pings, removeNetns, show } from '../../../fixtures/host/netns.ts'

const skip = whyNoHost()

async function isGone(host: TestHost, link: string): Promise<boolean> {
  return (await show(host.netns, ['link', 'show', 'dev', link])).length === 0
}

function editRecord(host: TestHost, container: Netns, edit: (text: string) => string): void {
  const path = join(host.stateDir, 'attachments', 'flatnet', `${container.name}:eth0`)
  writeFileSync(path, edit(readFileSync(path, 'utf8')))
}

t.test('a given address is assigned', { skip }, async (t) => {
  const host = await makeHost(t)
  const ways: readonly [string, CallOptions][] = [
    ['by CNI_ARGS', { args: 'IgnoreUnknown=1;K8S_POD_NAME=x;IP=10.87.1.5' }],
    ['by runtimeConfig.ips', { conf: { runtimeConfig: { ips: ['10.87.1.5'] } } }],
    ['with a prefix length', { conf: { runtimeConfig: { ips: ['10.87.1.5/24'] } } }],
    [
      'the same address twice, as from podman',
      { conf: { runtimeConfig: { ips: ['10.87.1.5', '10.87.1.5/24'] } } },
    ],
    ['by args.cni.ips', { conf: { args: { cni: { ips: ['10.87.1.5'] } } } }],
  ]
  for (const [name, options] of ways) {
    await t.test(name, async (t) => {
      const container = await host.container()
      t.equal(addressOf(await host.add(container, options)), '10.87.1.5')
      t.match(await show(container, ['address', 'show', 'dev', 'eth0']), [
        { addr_info: [{ local: '10.87.1.5', prefixlen: 24 }] },
      ])
      isSilent(t, await host.del(container, options), 'DEL')
    })
  }
  t.same(await host.remains(), [])
})

t.test('a given MAC is assigned', { skip }, async (t) => {
  const host = await makeHost(t)
  const ways: readonly [string, CallOptions][] = [
    ['by CNI_ARGS', { args: 'MAC=02:11:22:33:44:55' }],
    ['by runtimeConfig.mac', { conf: { runtimeConfig: { mac: '02-11-22-33-44-55' } } }],
    ['by args.cni.mac', { conf: { args: { cni: { mac: '02:11:22:33:44:55' } } } }],
  ]
  for (const [name, options] of ways) {
    await t.test(name, async (t) => {
      const container = await host.container()
      const result = await host.add(container, options)
      t.equal(result.interfaces[2]?.mac, '02:11:22:33:44:55')
      t.match(await show(container, ['link', 'show', 'dev', 'eth0']), [{ address: '02:11:22:33:44:55' }])
      t.ok(await pings(container, '10.87.1.1'))
      await host.del(container)
    })
  }
  isRefused(
    t,
    await host.call('ADD', await host.container(), { args: 'MAC=01:00:5e:00:00:01' }),
    7,
    /group bit/,
  )
  t.same(await host.remains(), [])
})

t.test('an address that cannot be assigned is refused with the reason', { skip }, async (t) => {
  const host = await makeHost(t)
  const holder = await host.container()
  await host.add(holder, { args: 'IP=10.87.1.20' })
  const before = await host.remains()
  const cases: readonly [string, string, number, RegExp][] = [
    ['outside the subnet', '10.87.2.5', 7, /10\.87\.2\.5 is outside 10\.87\.1\.0\/24/],
    ['the network address', '10.87.1.0', 7, /10\.87\.1\.0 is the network address/],
    ['the bridge', '10.87.1.1', 7, /10\.87\.1\.1 is the bridge/],
    ['a probe of the agent', '10.87.1.2', 7, /10\.87\.1\.2 is reserved/],
    ['the other probe', '10.87.1.3', 7, /10\.87\.1\.3 is reserved/],
    ['the broadcast address', '10.87.1.255', 7, /10\.87\.1\.255 is the broadcast address/],
    ['a family without a host subnet', 'fd00::5', 7, /fd00::5 is outside 10\.87\.1\.0\/24/],
    ['text that is not an address', '10.87.1.999', 7, /"10\.87\.1\.999" is not an IP address/],
    [
      'two addresses of one family',
      '10.87.1.30,10.87.1.31',
      7,
      /one address per family.*10\.87\.1\.30, 10\.87\.1\.31/,
    ],
    [
      'taken',
      '10.87.1.20',
      104,
      new RegExp(`10\\.87\\.1\\.20 is held by ${holder.name} eth0 of network flatnet`),
    ],
  ]
  for (const [name, address, code, says] of cases) {
    await t.test(name, async (t) => {
      isRefused(t, await host.call('ADD', await host.container(), { args: `IP=${address}` }), code, says)
      t.same(await host.remains(), before, 'nothing is left')
    })
  }
})

t.test('a freed address is not reused immediately', { skip }, async (t) => {
  const host = await makeHost(t)
  const given: string[] = []
  for (let round = 0; round < 3; round++) {
    const container = await host.container()
    given.push(addressOf(await host.add(container)))
    await host.del(container)
  }
  t.same(given, ['10.87.1.10', '10.87.1.11', '10.87.1.12'])
})

t.test('a full subnet', { skip }, async (t) => {
  const host = await makeHost(t, { certificate: { subnets: ['10.87.1.0/28'] } })
  const containers: Netns[] = []
  const given: string[] = []
  for (let count = 0; count < 11; count++) {
    const container = await host.container()
    containers.push(container)
    given.push(addressOf(await host.add(container)))
  }
  const [first, second] = containers
  if (first === undefined || second === undefined) throw new TypeError('eleven containers were made')

  await t.test('was used up, except network, bridge, probe and broadcast addresses', (t) => {
    const numbers = Array.from({ length: 11 }, (_, index) => `10.87.1.${String(4 + index)}`)
    t.same(given, numbers)
    t.end()
  })

  await t.test('refuses the next container with the number of leases and the oldest holder', async (t) => {
    const before = await host.remains()
    const outcome = await host.call('ADD', await host.container())
    isRefused(t, outcome, 101, new RegExp(`10\\.87\\.1\\.0/28: 11 of 11 leased, oldest: ${first.name} eth0`))
    t.same(await host.remains(), before, 'nothing is left')
  })

  await t.test('assigns a released address', async (t) => {
    isSilent(t, await host.del(second), 'DEL')
    t.equal(addressOf(await host.add(await host.container())), given[1])
  })

  await t.test('assigns the address of a container whose namespace ended without DEL', async (t) => {
    removeNetns(first.name)
    const next = await host.container()
    await waitUntil('the kernel to end the namespace', 10_000, async () => {
      const { exitCode } = await host.call('ADD', next)
      return exitCode === 0
    })
    const [eth0] = await show<{ addr_info: { local: string }[] }>(next, ['address', 'show', 'dev', 'eth0'])
    t.equal(eth0?.addr_info[0]?.local, given[0])
  })
})

t.test('an ADD for a recorded attachment', { skip }, async (t) => {
  const host = await makeHost(t)

  await t.test('is refused while it lives', async (t) => {
    const container = await host.container()
    const given = addressOf(await host.add(container))
    const before = await host.remains()
    isRefused(
      t,
      await host.call('ADD', container),
      105,
      new RegExp(`${container.name} eth0 .* has ${given}/24 since`),
    )
    t.same(await host.remains(), before, 'the attachment is untouched')
    t.ok(await pings(container, '10.87.1.1'))
    await host.del(container)
  })

  await t.test('takes over with the same address when its namespace has ended', async (t) => {
    const [dead, alive] = [await host.container(), await host.container()]
    const first = await host.add(dead)
    const link = first.interfaces[1]?.name ?? ''
    removeNetns(dead.name)
    await waitUntil('the kernel to end the namespace', 10_000, () => isGone(host, link))
    const second = await host.add(alive, { containerID: dead.name })
    t.equal(addressOf(second), addressOf(first))
    t.equal(second.interfaces[1]?.name, link)
    t.ok(await pings(alive, '10.87.1.1'))
    await host.del(alive, { containerID: dead.name })
    t.same(await host.remains(), [])
  })

  await t.test('takes over with the same address after a reboot', async (t) => {
    const [dead, alive] = [await host.container(), await host.container()]
    const first = await host.add(dead)
    editRecord(host, dead, (text) => text.replace(/"bootId": *"[^"]*"/, '"bootId": "another boot"'))
    const second = await host.add(alive, { containerID: dead.name })
    t.equal(addressOf(second), addressOf(first))
    t.ok(await pings(alive, '10.87.1.1'))
    await host.del(alive, { containerID: dead.name })
    t.same(await host.remains(), [])
  })

  await t.test('takes over with the given address instead of the earlier one', async (t) => {
    const [dead, alive] = [await host.container(), await host.container()]
    await host.add(dead, { args: 'IP=10.87.1.40' })
    editRecord(host, dead, (text) => text.replace(/"bootId": *"[^"]*"/, '"bootId": "another boot"'))
    const second = await host.add(alive, { containerID: dead.name, args: 'IP=10.87.1.41' })
    t.equal(addressOf(second), '10.87.1.41')
    t.notOk((await host.remains()).includes('10.87.1.40'), 'the earlier one is free')
    await host.del(alive, { containerID: dead.name })
    t.same(await host.remains(), [])
  })
})

t.test('two interfaces of one container get an address each', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const one = addressOf(await host.add(container))
  const two = addressOf(await host.add(container, { ifname: 'eth1' }))
  t.not(one, two)
  isSilent(t, await host.del(container), 'DEL of the first')
  t.ok((await host.remains()).includes(two), 'the second stays')
  t.ok(await pings(container, '10.87.1.1'))
  isSilent(t, await host.del(container, { ifname: 'eth1' }), 'DEL of the second')
  t.same(await host.remains(), [])
})
