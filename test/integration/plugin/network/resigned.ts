// A host's new certificate has another subnet, and containers of the old one are still running.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { hostPem } from '../../../fixtures/certificates.ts'
import { addressOf, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { makeHost, type TestHost } from '../../../fixtures/host/host.ts'
import { inhabit, pings, show } from '../../../fixtures/host/netns.ts'
import { noteSources, takeSources } from '../../../fixtures/traffic/sources.ts'

const skip = whyNoHost()

async function bridgeAddresses({ netns }: TestHost): Promise<string[]> {
  const links = await show<{ addr_info: { local: string; family: string }[] }>(netns, [
    'address',
    'show',
    'dev',
    'flatnet0',
  ])
  const all = links.flatMap(({ addr_info }) => addr_info)
  return all.filter(({ family }) => family === 'inet').map(({ local }) => local)
}

function signAgain(host: TestHost, ...subnets: string[]): void {
  writeFileSync(join(host.folder, 'host.crt'), hostPem({ subnets }))
}

t.test('a new certificate with another subnet', { skip }, async (t) => {
  const host = await makeHost(t)
  const [old, young] = [await host.container(), await host.container()]
  for (const container of [old, young]) inhabit(t, container)
  await host.add(old)
  signAgain(host, '10.87.7.0/24')

  await t.test('applies to the next container', async (t) => {
    t.match(addressOf(await host.add(young)), /^10\.87\.7\.10$/)
    t.same(await bridgeAddresses(host), ['10.87.1.1', '10.87.7.1'])
  })

  await t.test('keeps earlier containers working, still masqueraded to the outside', async (t) => {
    t.ok(await pings(old, '10.87.1.1'), 'their gateway')
    t.ok(await pings(old, '10.87.7.10'), 'a new container')
    await noteSources(host.outside)
    t.ok(await pings(old, '203.0.113.9'), 'the outside')
    t.same(await takeSources(host.outside), ['192.168.77.10'])
  })

  await t.test('is reported by STATUS and gc while the earlier subnet is in use', async (t) => {
    const { exitCode, stderr } = await host.ask('STATUS')
    t.equal(exitCode, 0)
    t.match(stderr, /earlier subnet still on the bridge.*10\.87\.1\.0\/24/)
    const { stdout } = await host.cli(['gc'])
    t.match(stdout,
      /^note: 10\.87\.1\.0\/24 of an earlier certificate is still in use; .* to 10\.87\.7\.0\/24/m)
    t.ok(await pings(old, '10.87.1.1'), 'the address stays')
  })

  await t.test('keeps the bridge address of an earlier subnet until its last container is deleted',
    async (t) => {
    isSilent(t, await host.del(old), 'DEL')
    t.same(await bridgeAddresses(host), ['10.87.7.1'])
    t.ok(await pings(young, '10.87.7.1'))
    isSilent(t, await host.del(young), 'DEL')
    t.same(await bridgeAddresses(host), ['10.87.7.1'], 'the current address stays')
    t.same(await host.remains(), [])
  })
}) // prettier-ignore

t.test('the next ADD removes the bridge address of an unused earlier subnet', { skip }, async (t) => {
  const host = await makeHost(t)
  const [first, second] = [await host.container(), await host.container()]
  await host.add(first)
  await host.del(first)
  t.same(await bridgeAddresses(host), ['10.87.1.1'])
  signAgain(host, '10.87.7.0/24')
  await host.add(second)
  t.same(await bridgeAddresses(host), ['10.87.7.1'])
})

t.test('GC removes it after its last container died without DEL', { skip }, async (t) => {
  const host = await makeHost(t)
  const [first, second] = [await host.container(), await host.container()]
  const near = (await host.add(first)).interfaces[1]?.name ?? ''
  signAgain(host, '10.87.7.0/24')
  await host.add(second)
  await host.netns.batch([`link delete ${near}`])
  // An administrator's own address on the bridge, which flatnet must keep.
  await host.netns.batch(['address add 10.87.1.99/32 dev flatnet0', 'address add 192.0.2.1/24 dev flatnet0'])
  isSilent(t, await host.ask('GC'), 'GC')
  t.same(await bridgeAddresses(host), ['10.87.7.1', '10.87.1.99', '192.0.2.1'])
}) // prettier-ignore
