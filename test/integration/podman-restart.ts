// podman and containers that stop, are killed, lose their host, and come back.
import t, { type Test } from 'tap'
import { whyNoLab } from '../../scripts/lab/possible.ts'
import { upLab } from '../../scripts/lab/up.ts'
import { waitUntil } from '../../scripts/lab/run.ts'
import type { LabHost } from '../../scripts/lab/lab.ts'
import { containerOf, leasesOn, podman, remainsOn, removeContainer, runWeb } from '../fixtures/podman.ts'

t.setTimeout(240_000)

const PUBLISHED = ['--network', 'flatnet', '-p', '8080:80']

/** Ends processes of a container by their ids in its host, without asking podman. */
async function killOf(host: LabHost, name: string, fields: readonly string[]): Promise<void> {
  const format = fields.map((field) => `{{.State.${field}}}`).join(' ')
  const { stdout } = await podman(host, ['inspect', name, '--format', format])
  await host.exec(['kill', '-9', ...stdout.split(' ')])
}

async function stateOf(host: LabHost, name: string): Promise<string> {
  return (await podman(host, ['inspect', name, '--format', '{{.State.Status}}'])).stdout
}

t.test('podman containers on flatnet come back', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `trest${process.pid}` })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')]
  const far = await runWeb(b, 'far')

  /** It runs, is reached by the port on its host and directly, and is the only one with a lease. */
  async function isBack(t: Test, address: string, what: string): Promise<void> {
    const web = await containerOf(a, 'web')
    t.equal(web.address, address, `${what}: the address`)
    t.match((await web.exec(['ip', 'address', 'show', 'dev', 'eth0'])).stdout, `inet ${address}/24 `)
    for (const url of [`http://${a.plan.v4.wsl}:8080/`, `http://${address}/`]) {
      const { stdout } = await a.exec(['curl', '-sf', '-m', '5', url], { check: false })
      t.equal(stdout, 'hello from web', `${what}: ${url}`)
    }
    t.equal((await far.exec(['ping', '-c', '1', '-W', '2', address], { check: false })).exitCode, 0)
    t.same(await leasesOn(a), [address], `${what}: no other lease`)
    t.equal((await a.exec(['ip', '-o', 'link', 'show', 'master', 'flatnet0'])).stdout.split('\n').length, 1)
  }

  await t.test('stop and start: the same address', async (t) => {
    const { address } = await runWeb(a, 'web', PUBLISHED)
    await isBack(t, address, 'at first')
    await podman(a, ['stop', '-t', '0', 'web'])
    t.same(await remainsOn(a), [], 'stopped, it holds nothing')
    await podman(a, ['start', 'web'])
    await isBack(t, address, 'started')
    await podman(a, ['restart', '-t', '0', 'web'])
    await isBack(t, address, 'restarted')
  })

  await t.test('while it is stopped, the others get other addresses', async (t) => {
    const { address } = await containerOf(a, 'web')
    await podman(a, ['stop', '-t', '0', 'web'])
    const other = await runWeb(a, 'other')
    t.not(other.address, address)
    await removeContainer(a, 'other')
    await podman(a, ['start', 'web'])
    await isBack(t, address, 'started')
  })

  await t.test('its process is killed, then start', async (t) => {
    const { address } = await containerOf(a, 'web')
    await killOf(a, 'web', ['Pid'])
    await waitUntil('podman sees it', 20_000, async () => (await stateOf(a, 'web')) === 'exited')
    await podman(a, ['start', 'web'])
    await isBack(t, address, 'started')
  })

  await t.test('network reload puts back what somebody took out', async (t) => {
    const { address } = await containerOf(a, 'web')
    await a.exec(['iptables', '-t', 'nat', '-F'])
    await a.exec(['nft', 'flush', 'ruleset'])
    await podman(a, ['network', 'reload', 'web'])
    await isBack(t, address, 'reloaded')
    t.match((await a.exec(['nft', 'list', 'table', 'ip', 'flatnet'])).stdout, 'masquerade')
  })

  await t.test('its host loses everything but the disk, then start', async (t) => {
    const { address } = await containerOf(a, 'web')
    await lab.reboot('a')
    t.same(await leasesOn(a), [address], 'the lease is on the disk')
    await podman(a, ['start', 'web'])
    await isBack(t, address, 'started')
    await removeContainer(a, 'web')
    t.same(await remainsOn(a), [])
  })

  await t.test(
    'after a reboot, a new container is not kept from the address that a dead one had',
    async (t) => {
      const { address } = await runWeb(a, 'web', PUBLISHED)
      await lab.reboot('a')
      await runWeb(a, 'heir', ['--network', 'flatnet', '--ip', address])
      t.equal((await containerOf(a, 'heir')).address, address)
      await podman(a, ['start', 'web'])
      const web = await containerOf(a, 'web')
      t.not(web.address, address, 'the late one gets another')
      t.same((await leasesOn(a)).toSorted(), [address, web.address].toSorted())
      for (const name of ['web', 'heir']) await removeContainer(a, name)
      t.same(await remainsOn(a), [])
    },
  )

  await t.test('process and conmon are killed: rm and run anew, with the same address', async (t) => {
    const { address } = await runWeb(a, 'web', PUBLISHED)
    const { stdout: id } = await podman(a, ['inspect', 'web', '--format', '{{.Id}}'])
    await killOf(a, 'web', ['ConmonPid', 'Pid'])
    // Not `podman start`: 4.3.1 learns of an end from conmon alone, so it goes on calling the container running.
    await removeContainer(a, 'web')
    // podman leaves it to runc then, with its cgroup.
    await a.exec(['runc', 'delete', '--force', id])
    t.same(await remainsOn(a), [])
    await runWeb(a, 'web', [...PUBLISHED, '--ip', address])
    await isBack(t, address, 'made anew')
    await removeContainer(a, 'web')
    t.same(await remainsOn(a), [])
  })
})
