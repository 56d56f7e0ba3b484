// The lab itself, on which other integration tests rely: real namespaces, real Nebula, real podman.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { answers, hasDevice } from '../../../scripts/lab/nebula/nebula.ts'
import { nebulaVersion } from '../../../scripts/lab/nebula/packages.ts'
import { IMAGE } from '../../../scripts/lab/host/podman.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { isAlive } from '../../../scripts/lab/process.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { readHolder } from '../../../scripts/lab/state.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { remainsOf } from '../../fixtures/lab/remains.ts'

// A name that no other run of this test on the machine has.
const name = (role: string): string => `t${role}${process.pid}`

t.test('a lab of two hosts', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: name('two') })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('host-b')]
  const bootId = async (): Promise<string> =>
    (await a.exec(['cat', '/proc/sys/kernel/random/boot_id'])).stdout

  await t.test('runs the newest Nebula', async (t) => {
    t.match(await nebulaVersion('1.11'), /^1\.\d\d\./)
    t.match(
      (await a.exec(['nebula', '-version'])).stdout,
      await nebulaVersion('1.11'),
      'also by name in a host',
    )
  })

  await t.test('hosts answer each other through Nebula and through their Windows routers', async (t) => {
    t.ok(await answers(a, b.plan.v4.overlay), 'overlay address')
    t.ok(await answers(a, b.plan.v4.wsl), 'WSL2 address')
    t.ok(await answers(lab.lan, b.plan.v4.wsl), 'WSL2 address from the LAN')
    t.notOk(await answers(lab.lan, b.plan.v4.overlay), 'the LAN knows nothing of the overlay')
    t.match((await a.exec(['ip', 'route', 'get', b.plan.v4.wsl])).stdout, 'via 172.20.1.1 dev eth0')
    t.match((await a.windows.exec(['ip', 'route', 'get', '10.87.2.10'])).stdout, 'via 198.18.0.12')
  })

  await t.test('each host has its own name, files and processes', async (t) => {
    t.equal((await b.exec(['hostname'])).stdout, 'host-b')
    await a.exec(['sh', '-c', 'echo a > /etc/flatnet/only-here; echo a > /etc/lab-only-here'])
    await a.exec(['touch', '/usr/lib/cni/lab-only-here'])
    t.equal((await b.exec(['ls', '/etc/flatnet'])).stdout, 'flatnet.json\npeers.d')
    t.notOk(existsSync('/etc/lab-only-here'), 'the machine keeps its own /etc')
    t.notOk(existsSync('/usr/lib/cni/lab-only-here'), 'and its own plugins')
    t.equal((await a.exec(['cat', '/proc/1/comm'])).stdout, 'sh')
    t.equal(
      (await a.exec(['ls', 'etc/flatnet/peers.d'])).stdout,
      'host-b.crt',
      'also by a path from where it starts',
    )
    t.equal(
      (await a.exec(['ls', '/sys/class/net'])).stdout.split(/\s+/).toSorted().join(' '),
      'eth0 lo nebula1',
    )
  })

  await t.test('killing a command also ends it inside the host', async () => {
    const running = a.start(['sleep', '54321'])
    const sleeps = async (): Promise<string> =>
      (await a.exec(['sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "'], { check: false })).stdout
    const isThere = async (): Promise<boolean> => (await sleeps()).includes('sleep 54321')
    await waitUntil('the command to run', 10_000, isThere)
    running.kill()
    await running
    await waitUntil('the command to end', 10_000, async () => !(await isThere()))
  })

  await t.test('podman runs a container on each host', async (t) => {
    for (const host of lab.hosts) {
      const { stdout } = await host.exec([
        'podman',
        'run',
        '--rm',
        IMAGE,
        'ip',
        '-4',
        'address',
        'show',
        'eth0',
      ])
      t.match(stdout, /inet 10\.88\.0\.\d+\/16/, `${host.name}: podman's own network`)
      t.match((await host.exec(['podman', 'info', '--format', '{{.Host.NetworkBackend}}'])).stdout, 'cni')
    }
  })

  await t.test('cutting Nebula removes its device and leaves the gateway path', async (t) => {
    await lab.cut(['a'])
    t.notOk(await hasDevice(a))
    t.ok(await hasDevice(b), 'only on the given host')
    t.ok(await answers(a, b.plan.v4.wsl))
    await lab.mend()
    t.ok(await answers(a, b.plan.v4.overlay))
  })

  await t.test('cutting the underlay leaves a device that carries nothing', async (t) => {
    await lab.cut(['b'], 'underlay')
    t.ok(await hasDevice(a))
    t.notOk(await answers(a, b.plan.v4.overlay))
    t.ok(await answers(a, b.plan.v4.wsl))
    t.ok(await answers(b, '10.86.0.1'), 'the lighthouse still answers')
    await lab.mend()
    t.ok(await answers(a, b.plan.v4.overlay))
  })

  await t.test('a reboot keeps only the disk', async (t) => {
    const before = await bootId()
    await a.exec(['sh', '-c', 'touch /run/gone /var/lib/flatnet/kept /etc/kept; ip link add br9 type bridge'])
    // No network: Debian's host-local keeps the lease of the previous boot and refuses the start.
    await a.exec(['podman', 'run', '-d', '--network', 'none', '--name', 'sleeper', IMAGE, 'sleep', '9999'])
    await lab.reboot('a')
    t.not(await bootId(), before, 'another boot ID')
    t.match((await a.exec(['ls', '/run'])).stdout, /^(?!.*gone)/s)
    await a.exec(['ls', '/var/lib/flatnet/kept', '/etc/kept'])
    t.notMatch((await a.exec(['ip', '-brief', 'link'])).stdout, /br9|cni-podman/)
    t.match(
      (await a.exec(['podman', 'ps', '-a', '--format', '{{.Names}} {{.Status}}'])).stdout,
      /sleeper (Created|Exited)/,
    )
    await a.exec(['podman', 'start', 'sleeper'])
    t.ok(await answers(b, a.plan.v4.overlay))
  })

  await t.test('down removes everything and may be repeated', async (t) => {
    const holder = await readHolder(lab.record.name, 'host-a')
    const { stdout: id } = await a.exec(['podman', 'ps', '-q', '--no-trunc'])
    t.equal(id.length, 64, 'a container is running')
    const cgroups = ['', 'memory', 'unified'].map(
      (root) => `/sys/fs/cgroup/${root}/libpod_parent/libpod-${id}`,
    )
    t.ok(cgroups.some(existsSync), 'in a cgroup')
    await lab.down()
    await lab.down()
    t.strictSame(await remainsOf(lab.record.name), [])
    t.notOk(holder === undefined || (await isAlive(holder)), 'no process')
    t.notOk(cgroups.some(existsSync), 'no cgroup')
  })
})

t.test('every Nebula version of Debian carries the overlay', async (t) => {
  const cases = [
    { nebula: '1.9', route: false },
    { nebula: '1.6', route: true },
  ] as const
  for (const { nebula, route } of cases) {
    await t.test(`Nebula ${nebula}`, { skip: whyNoLab(nebula) }, async (t) => {
      const lab = await upLab({ name: name('old'), nebula, podman: false })
      t.teardown(() => lab.down())
      t.ok(await answers(lab.host('b'), '10.86.1.1'))
      const { stdout } = await lab.host('a').exec(['ip', 'route', 'show', '10.87.2.0/24'])
      t.equal(stdout.includes('nebula1'), route, 'only 1.6 has its routes in its configuration')
    })
  }

  await t.test('three hosts with IPv6', { skip: whyNoLab() }, async (t) => {
    const lab = await upLab({ name: name('six'), hosts: 3, ipv6: true, podman: false })
    t.teardown(() => lab.down())
    t.ok(await answers(lab.host('a'), 'fd86::3:1'), 'overlay')
    t.ok(await answers(lab.host('c'), 'fd20:0:0:1::2'), 'through the Windows routers')
    t.match(
      await readFile(join(lab.host('a').files, 'own/etc/nebula/host.crt'), 'utf8'),
      'NEBULA CERTIFICATE V2',
    )
    await t.rejects(upLab({ name: name('six') }), /exists/, 'a name can be used once')
    await t.rejects(upLab({ name: name('none'), ipv6: true, nebula: '1.9' }), /cannot read/)
  })
})
