// containerd's own client: `ctr run --cni` takes the first file in /etc/cni/net.d, which is ours.
import t from 'tap'
import { IMAGE } from '../../../scripts/lab/host/podman.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { removeCgroupsOf, startContainerd, whyNoContainerd } from '../../fixtures/runtimes/containerd.ts'
import { leasesOn, podman, remainsOn, removeContainer, runWeb } from '../../fixtures/runtimes/podman.ts'

const SHOW = ['ip', '-4', 'address', 'show', 'dev', 'eth0']

function addressIn(text: string): string | undefined {
  return /inet ([\d.]+)\/24/.exec(text)?.[1]
}

t.test('ctr run --cni', { skip: whyNoContainerd() }, async (t) => {
  const lab = await upLab({ name: `tctr${process.pid}`, hosts: 1 })
  const host = lab.host('a')
  t.teardown(async () => {
    await lab.down()
    await removeCgroupsOf(host)
  })
  const containerd = await startContainerd(host)

  await t.test('a container gets an address of the host and releases it when it ends', async (t) => {
    const shell =
      'ip -4 address show dev eth0; ip route; ping -c 1 -W 10 10.87.1.1; ping -c 1 -W 10 172.20.1.1'
    const { stdout } = await containerd.runOnce('one', ['sh', '-c', shell])
    t.match(addressIn(stdout), /^10\.87\.1\.\d+$/)
    t.match(stdout, 'default via 10.87.1.1 dev eth0')
    t.match(stdout, /10\.87\.1\.1 ping[^]*1 packets received[^]*172\.20\.1\.1 ping[^]*1 packets received/)
    t.same(await remainsOn(host), [])
  })

  await t.test('podman and ctr share a host: addresses differ, and containers connect', async (t) => {
    const web = await runWeb(host, 'web')
    // No `wget -T`: Debian 12's static busybox (1.35.0-4+deb12u1) crashes on it.
    const shell = `ip -4 address show dev eth0; timeout 60 wget -q -O - http://${web.address}/`
    const { stdout } = await containerd.runOnce('guest', ['sh', '-c', shell])
    t.match(stdout, 'hello from web')
    t.not(addressIn(stdout), web.address)
    t.same(await leasesOn(host), [web.address])
    await removeContainer(host, 'web')
  })

  await t.test('eight containers started together get different addresses', async (t) => {
    const runs = await Promise.all(
      Array.from({ length: 8 }, (_, each) => containerd.runOnce(`at-once-${each}`, SHOW)),
    )
    const addresses = runs.map(({ stdout }) => addressIn(stdout))
    t.notOk(addresses.includes(undefined))
    t.equal(new Set(addresses).size, 8, addresses.join(' '))
    t.same(await remainsOn(host), [])
  })

  await t.test('ctr shows our reason why a container got no address', async (t) => {
    await host.exec(['mv', '/etc/nebula/host.crt', '/etc/nebula/away'])
    const { exitCode, stderr } = await containerd.runOnce('refused', SHOW, { check: false })
    await host.exec(['mv', '/etc/nebula/away', '/etc/nebula/host.crt'])
    t.not(exitCode, 0)
    t.match(stderr, /plugin type="flatnet-cni" failed \(add\): .*\/etc\/nebula\/host\.crt/)
    t.same(await leasesOn(host), [])
  })

  await t.test('ctr never deletes a detached attachment: its name gets the address again', async (t) => {
    await containerd.runDetached('stays')
    const [address] = await leasesOn(host)
    await containerd.ctr(['tasks', 'delete', '--force', 'stays'])
    await containerd.ctr(['containers', 'delete', 'stays'])
    t.same(await leasesOn(host), [address], 'containerd 1.6 does not call DEL')
    const { stdout } = await podman(host, ['run', '--rm', '--network', 'flatnet', IMAGE, ...SHOW])
    t.not(addressIn(stdout), address, 'no other container gets it in the meantime')
    t.equal(addressIn((await containerd.runOnce('stays', SHOW)).stdout), address)
    t.same(await remainsOn(host), [], 'this time DEL is called')

    await containerd.runDetached('forgotten')
    await host.exec(['flatnet-cni', 'gc'])
    t.same((await leasesOn(host)).length, 1, 'gc leaves a running container alone')
    await containerd.ctr(['tasks', 'delete', '--force', 'forgotten'])
    await containerd.ctr(['containers', 'delete', 'forgotten'])
    await host.exec(['flatnet-cni', 'gc'])
    t.same(await leasesOn(host), [], 'gc removes one that has ended')
  })
})
