// podman containers that stop, are killed or lose their host, and come back.
import t, { type Test } from 'tap'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import {
  containerOf,
  leasesOn,
  podman,
  remainsOn,
  removeContainer,
  runWeb,
} from '../../fixtures/runtimes/podman.ts'

const PUBLISHED = ['--network', 'flatnet', '-p', '8080:80']

/** Kills processes of a container by their IDs on its host, without podman. */
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

  /** Asserts that it runs, that the host's port and its own address answer, and that it alone has a lease. */
  async function isBack(t: Test, address: string, what: string): Promise<void> {
    const web = await containerOf(a, 'web')
    t.equal(web.address, address, `${what}: the address`)
    t.match((await web.exec(['ip', 'address', 'show', 'dev', 'eth0'])).stdout, `inet ${address}/24 `)
    for (const url of [`http://${a.plan.v4.wsl}:8080/`, `http://${address}/`]) {
      const { stdout } = await a.exec(['curl', '-sf', '-m', '60', url], { check: false })
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
    t.same(await remainsOn(a), [], 'it holds nothing while stopped')
    await podman(a, ['start', 'web'])
    await isBack(t, address, 'started')
    await podman(a, ['restart', '-t', '0', 'web'])
    await isBack(t, address, 'restarted')
  })

  await t.test('while it is stopped, others get different addresses', async (t) => {
    const { address } = await containerOf(a, 'web')
    await podman(a, ['stop', '-t', '0', 'web'])
    const other = await runWeb(a, 'other')
    t.not(other.address, address)
    await removeContainer(a, 'other')
    await podman(a, ['start', 'web'])
    await isBack(t, address, 'started')
  })

  await t.test('its process is killed, then it is started', async (t) => {
    const { address } = await containerOf(a, 'web')
    await killOf(a, 'web', ['Pid'])
    await waitUntil('podman to notice it', 20_000, async () => (await stateOf(a, 'web')) === 'exited')
    await podman(a, ['start', 'web'])
    await isBack(t, address, 'started')
  })

  await t.test('network reload restores what was removed', async (t) => {
    const { address } = await containerOf(a, 'web')
    await a.exec(['iptables', '-t', 'nat', '-F'])
    await a.exec(['nft', 'flush', 'ruleset'])
    await podman(a, ['network', 'reload', 'web'])
    await isBack(t, address, 'reloaded')
    t.match((await a.exec(['nft', 'list', 'table', 'ip', 'flatnet'])).stdout, 'masquerade')
  })

  await t.test('its host loses everything except the disk, then it is started', async (t) => {
    const { address } = await containerOf(a, 'web')
    await lab.reboot('a')
    t.same(await leasesOn(a), [address], 'the lease is on the disk')
    await podman(a, ['start', 'web'])
    await isBack(t, address, 'started')
    await removeContainer(a, 'web')
    t.same(await remainsOn(a), [])
  })

  await t.test('after a reboot a new container can get the address of a dead one', async (t) => {
    const { address } = await runWeb(a, 'web', PUBLISHED)
    await lab.reboot('a')
    await runWeb(a, 'heir', ['--network', 'flatnet', '--ip', address])
    t.equal((await containerOf(a, 'heir')).address, address)
    await podman(a, ['start', 'web'])
    const web = await containerOf(a, 'web')
    t.not(web.address, address, 'the later container gets a different address')
    t.same((await leasesOn(a)).toSorted(), [address, web.address].toSorted())
    for (const name of ['web', 'heir']) await removeContainer(a, name)
    t.same(await remainsOn(a), [])
  })

  await t.test('process and conmon are killed: after rm a new run gets the same address', async (t) => {
    const { address } = await runWeb(a, 'web', PUBLISHED)
    const { stdout: id } = await podman(a, ['inspect', 'web', '--format', '{{.Id}}'])
    await killOf(a, 'web', ['ConmonPid', 'Pid'])
    // Not `podman start`: 4.3.1 learns of an end only from conmon, so it still considers the container
    // running.
    await removeContainer(a, 'web')
    // podman leaves it to runc, and its cgroup with it.
    await a.exec(['runc', 'delete', '--force', id])
    t.same(await remainsOn(a), [])
    await runWeb(a, 'web', [...PUBLISHED, '--ip', address])
    await isBack(t, address, 'created again')
    await removeContainer(a, 'web')
    t.same(await remainsOn(a), [])
  })
})
