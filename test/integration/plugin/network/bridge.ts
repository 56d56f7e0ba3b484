// The bridge: created by another program, deleted under its containers, and a name that is taken.

import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { checkHost, isBroken, isFine } from '../../../fixtures/host/check.ts'
import { isRefused, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { makeHost, type TestHost } from '../../../fixtures/host/host.ts'
import { type Netns, pings, show } from '../../../fixtures/host/netns.ts'

const skip = whyNoHost()

interface Shown {
  readonly ifname: string
  readonly address: string
  readonly master?: string
  readonly linkinfo: {
    readonly info_data: { readonly stp_state: number }
    readonly info_slave_data: { readonly state: string; readonly hairpin: boolean }
  }
}

const look = async (host: TestHost, name: string): Promise<Shown | undefined> =>
  (await show<Shown>(host.netns, ['-details', 'link', 'show', 'dev', name]))[0]
const FIRST = { conf: { name: 'flatnet' }, ifname: 'eth0' }
const linkOf = (host: TestHost, container: Netns, { conf, ifname } = FIRST): string => {
  const path = join(host.stateDir, `attachments/${conf.name}/${container.name}:${ifname}`)
  return (JSON.parse(readFileSync(path, 'utf8')) as { hostLink: string }).hostLink
}

t.test('a bridge that another program created', { skip }, async (t) => {
  const host = await makeHost(t)
  await host.netns.batch(['link add name flatnet0 type bridge stp_state 1 forward_delay 1500',
    'link set flatnet0 up'])
  const [one, two] = [await host.container(), await host.container()]
  await host.add(one)
  await host.add(two)
  const bridge = await look(host, 'flatnet0')
  t.equal(bridge?.address, '0a:58:0a:57:01:01', 'its MAC is derived from its address')
  t.equal(bridge?.linkinfo.info_data.stp_state, 0, 'it runs no spanning tree')
  t.equal((await look(host, linkOf(host, two)))?.linkinfo.info_slave_data.state, 'forwarding')
  t.ok(await pings(two, '10.87.1.1'))
  await host.del(one)
  t.equal((await look(host, 'flatnet0'))?.address, '0a:58:0a:57:01:01',
    'it keeps the MAC when a container is deleted')

  await t.test('is corrected again after it was recreated', async (t) => {
    await host.netns.batch(['link delete flatnet0', 'link add name flatnet0 type bridge',
      'link set flatnet0 up'])
    await host.add(one)
    t.equal((await look(host, 'flatnet0'))?.address, '0a:58:0a:57:01:01')
  })

  await t.test('is reported by check after a change, and repaired', async (t) => {
    await host.cli(['sync'])
    const check = (...more: string[]) => checkHost(host, ['--group', 'IPAM', ...more])
    isFine(t, await check())
    await host.netns.batch(['link set flatnet0 type bridge stp_state 1',
      'link set flatnet0 address 02:00:00:00:00:07'])
    isBroken(t, await check(), 'IPAM-011',
      /fail flatnet0 STP .*\nwarn  flatnet0 has MAC 02:00:00:00:00:07 instead of 0a:58/)
    isFine(t, await check('--fix'))
  })

  await t.test('keeps its spanning tree while other ports are connected, and check reports it', async (t) => {
    await host.netns.batch(['tuntap add dev other9 mode tap', 'link set other9 master flatnet0',
      'link set flatnet0 type bridge stp_state 1'])
    t.match((await host.cli(['sync'])).stderr,
      /it stays on because other9 is a port too; where no loop is possible: ip link set/)
    t.equal((await look(host, 'flatnet0'))?.linkinfo.info_data.stp_state, 1)
    isBroken(t, await checkHost(host, ['--group', 'IPAM']), 'IPAM-011',
      /warn flatnet0 STP .* other9 is also a port of the bridge/)
  })
}) // prettier-ignore

t.test('containers return to a bridge that was deleted manually', { skip }, async (t) => {
  const host = await makeHost(t)
  const [one, two, three] = [await host.container(), await host.container(), await host.container()]
  await host.add(one)
  const runtimeConfig = { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] }
  await host.add(two, { conf: { runtimeConfig } })
  const second = { conf: { name: 'second', runtimeConfig }, ifname: 'eth1' }
  await host.add(two, second)

  await t.test('after the next ADD', async (t) => {
    await host.netns.batch(['link delete flatnet0'])
    await host.add(three)
    for (const each of [one, two, three]) t.ok(await pings(each, '10.87.1.1'), each.name)
    t.equal((await look(host, linkOf(host, two)))?.linkinfo.info_slave_data.hairpin, true,
      'because of its published ports')
    const standby = await look(host, linkOf(host, two, second))
    t.equal(standby?.linkinfo.info_slave_data.hairpin, true,
      'because of ports that another network may pass to it')
    isSilent(t, await host.del(two, second), 'DEL')
  })

  await t.test('after the next ADD, if another program recreated the bridge', async (t) => {
    await host.netns.batch(['link delete flatnet0', 'link add name flatnet0 type bridge',
      'link set flatnet0 up'])
    const four = await host.container()
    await host.add(four)
    for (const each of [one, two, three, four]) t.ok(await pings(each, '10.87.1.1'), each.name)
  })

  await t.test('after sync, whichever program recreated the bridge', async (t) => {
    await host.netns.batch(['link delete flatnet0', 'link add name flatnet0 type bridge'])
    t.equal((await host.cli(['sync'])).exitCode, 0)
    for (const each of [one, two, three]) t.ok(await pings(each, '10.87.1.1'), each.name)
  })

  await t.test('except links that were moved to another bridge', async (t) => {
    await host.netns.batch(['link add name other9 type bridge',
      `link set ${linkOf(host, one)} master other9`])
    await host.cli(['sync'])
    t.equal((await look(host, linkOf(host, one)))?.master, 'other9')
  })
}) // prettier-ignore

t.test('an alternative name of another link is refused, and the link named', { skip }, async (t) => {
  const host = await makeHost(t)
  await host.netns.batch(['link property add dev eth0 altname flatnet0'])
  const refusal = /flatnet0 is an alternative name of the link eth0; .*link property delete dev eth0 altname/
  isRefused(t, await host.call('ADD', await host.container()), 7, refusal)
  t.same(await host.remains(), [], 'nothing is left')
  isBroken(t, await checkHost(host, ['--group', 'IPAM']), 'IPAM-007',
    /fail .*flatnet0 is an alternative name of the link eth0/)
}) // prettier-ignore
