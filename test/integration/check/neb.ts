// The group NEB of `flatnet-cni check` in a lab: real Nebula with one fault after another.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import { answers, HOST_NEBULA, startNebula, stopNebula } from '../../../scripts/lab/nebula/nebula.ts'
import { nebulaFolder } from '../../../scripts/lab/nebula/packages.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import type { Report } from '../../../src/check/report.ts'
import { isBroken, isFine, reportOf, saidBy } from '../../fixtures/host/check.ts'

type Config = Record<string, Record<string, unknown>>

t.test('each fault of Nebula is reported and no other', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `neb${String(process.pid)}`, podman: false })
  t.teardown(() => lab.down())
  const a = lab.host('a')
  const path = join(a.files, 'own/etc/nebula/config.yml')
  const good = readFileSync(path, 'utf8')
  await a.exec(['/opt/cni/bin/flatnet-cni', 'sync'])

  /** Applies `change`, asks for a report, and restores the configuration. */
  const withConfig = async (change: (config: Config) => void): Promise<Report> => {
    const config = JSON.parse(good) as Config
    change(config)
    writeFileSync(path, JSON.stringify(config))
    try {
      return await look(a)
    } finally {
      writeFileSync(path, good)
    }
  }
  const inConfig = async (
    id: string,
    name: string,
    change: (config: Config) => void,
    says: RegExp,
  ): Promise<void> => {
    await t.test(`${id}: ${name}`, async (t) => isBroken(t, await withConfig(change), id, says))
  }

  await t.test('no fault in an untouched lab', async (t) => {
    const report = await look(a)
    isFine(t, report)
    for (const { id, verdict, findings } of report.items)
      if (id !== 'NEB-021') t.equal(verdict, 'ok', `${id} ${findings[0]?.seen ?? ''}`)
    t.match(saidBy(report, 'NEB-002'), /^ok {2}1\.\d+\.\d+/)
    t.match(saidBy(report, 'NEB-007'), /both [0-9a-f]{12}/)
    t.match(saidBy(report, 'NEB-016'), /0 dropped since Nebula started/)
  })

  await inConfig('NEB-007', 'Nebula is told to use another certificate', ({ pki }) => {
    writeFileSync(join(a.files, 'own/etc/nebula/other.crt'),
      readFileSync(join(lab.host('b').files, 'own/etc/nebula/host.crt')))
    Object.assign(pki ?? {}, { cert: '/etc/nebula/other.crt' })
  }, /Nebula uses \/etc\/nebula\/other\.crt \([0-9a-f]{12}/)
  await inConfig('NEB-008', 'invalid certificates keep their tunnels', ({ pki }) => {
    Object.assign(pki ?? {}, { disconnect_invalid: false })
  }, /is false/)
  await inConfig('NEB-009', 'routes are not followed', ({ tun }) => {
    Object.assign(tun ?? {}, { use_system_route_table: false })
  }, /not true/)
  await inConfig('NEB-010', 'rules without local_cidr', (config) => {
    config['firewall'] = both({ port: 'any', proto: 'any', host: 'any' })
  }, /firewall\.outbound has no rule for 10\.87\.1\.0\/24; firewall\.inbound/)
  await inConfig('NEB-011', 'rules for one service only', (config) => {
    config['firewall'] = both({ port: 80, proto: 'tcp', host: 'any', local_cidr: '0.0.0.0/0' })
  }, /udp 4280 from and to containers/)
  await inConfig('NEB-012', 'the bridge is told to peers', ({ lighthouse }) => {
    Object.assign(lighthouse ?? {}, { local_allow_list: null })
  }, /flatnet0 \(10\.87\.1\.1\/24\)/)
  await inConfig('NEB-013', 'the pool may be a way to peers', ({ lighthouse }) => {
    Object.assign(lighthouse ?? {}, { remote_allow_list: null })
  }, /10\.87\.0\.0\/16 is not denied/)
  await inConfig('NEB-014', 'a lighthouse without an address', (config) => {
    config['static_host_map'] = {}
  }, /static_host_map has no address for 10\.86\.0\.1/)
  await t.test('NEB-014: a lighthouse that names lighthouses', async (t) => {
    const report = await withConfig(({ lighthouse }) =>
      Object.assign(lighthouse ?? {}, { am_lighthouse: true }))
    isBroken(t, report, 'NEB-014', /^warn .*lighthouse\.hosts names 10\.86\.0\.1, but must be empty/)
  })
  await inConfig('NEB-017', 'a peer is written down as well', ({ tun }) => {
    Object.assign(tun ?? {}, { unsafe_routes: [{ route: '10.87.2.0/24', via: '10.86.2.1' }] })
  }, /10\.87\.2\.0\/24 is in tun\.unsafe_routes/)
  await inConfig('NEB-018', 'a route inside the overlay', ({ tun }) => {
    Object.assign(tun ?? {}, { unsafe_routes: [{ route: '10.86.7.0/24', via: '10.86.2.1' }] })
  }, /10\.86\.7\.0\/24/)
  await inConfig('NEB-019', 'no punching', ({ punchy }) => {
    Object.assign(punchy ?? {}, { punch: false })
  }, /not true/)
  await inConfig('NEB-020', 'slow timers', ({ timers }) => {
    Object.assign(timers ?? {}, { connection_alive_interval: 20 })
  }, /after 24 s/)

  await t.test('NEB-006: not YAML', async (t) => {
    writeFileSync(path, 'tun: {dev: nebula1\n')
    const report = await look(a)
    writeFileSync(path, good)
    isBroken(t, report, 'NEB-006', /config\.yml: is not YAML/)
    t.match(saidBy(report, 'NEB-010'), /^skip/, 'items without facts are skipped')
  })

  await t.test('NEB-005: an MTU that Ethernet cannot carry', async (t) => {
    await a.exec(['ip', 'link', 'set', 'nebula1', 'mtu', '1441'])
    const report = await look(a)
    await a.exec(['ip', 'link', 'set', 'nebula1', 'mtu', '1300'])
    isBroken(t, report, 'NEB-005', /nebula1 has MTU 1441/)
  })

  await t.test('NEB-017: another route to the subnet was added', async (t) => {
    const route = ['10.87.2.0/24', 'via', '10.86.9.1', 'dev', 'nebula1', 'metric', '200']
    await a.exec(['ip', 'route', 'add', ...route])
    const report = await look(a)
    await a.exec(['ip', 'route', 'delete', ...route])
    // Nebula has forgotten the subnet too, because its own table has no metrics.
    isBroken(t, report, 'NEB-017', /2 routes for 10\.87\.2\.0\/24 on nebula1/)
  })

  await t.test('NEB-016: packets from an address in no certificate', async (t) => {
    await a.exec(['ip', 'address', 'add', '10.99.0.1/32', 'dev', 'lo'])
    // Nebula updates its counters every 5 s.
    await a.exec(['ping', '-q', '-i', '0.2', '-w', '6', '-I', '10.99.0.1', '10.86.2.1'], { check: false })
    const report = await look(a)
    await a.exec(['ip', 'address', 'delete', '10.99.0.1/32', 'dev', 'lo'])
    isBroken(t, report, 'NEB-016',
      /fail .*dropped \d+ packets in .*: sent by addresses that are not in the certificate of this host/)
    t.match(saidBy(await look(a), 'NEB-016'), /^fail .*dropped \d+ packets/,
      'a second look right away sees the same')
    await sleep(16_000)
    await look(a)
    await sleep(16_000)
    t.match(saidBy(await look(a), 'NEB-016'), /^ok {2}none dropped in/)
  })

  await t.test('NEB-015: the lighthouse is down', async (t) => {
    const files = lighthouseFiles(lab.folder)
    await stopNebula(lab.lighthouse, files)
    const report = await look(a)
    await startNebula(lab.lighthouse, '1.11', files)
    isBroken(t, report, 'NEB-015', /10\.86\.0\.1 \(198\.18\.0\.1:4242\) does not answer/)
  })

  await t.test('NEB-004: the link is down', async (t) => {
    await a.exec(['ip', 'link', 'set', 'nebula1', 'down'])
    const report = await look(a)
    await a.exec(['ip', 'link', 'set', 'nebula1', 'up'])
    isBroken(t, report, 'NEB-004', /nebula1 is down/)
    t.match(saidBy(report, 'NEB-015'), /^fail/, 'the silent lighthouse follows from NEB-004')
  })

  await t.test('Nebula has its own mounts: its path names another file here', async (t) => {
    await stopNebula(a, HOST_NEBULA)
    const config = JSON.parse(good) as Config
    writeFileSync(join(a.files, 'own/etc/nebula/in-container.yml'),
      JSON.stringify({ ...config, punchy: { punch: false } }))
    // Kubernetes mounts a file like this: an absolute link, which leads elsewhere on the host.
    const inside = `mount -t tmpfs none /srv; cp "$1" /srv/nebula
      cp -a /etc/nebula /srv/nebula.d; mount --bind /srv/nebula.d /etc/nebula
      mkdir /srv/real; mv /etc/nebula/in-container.yml /srv/real/
      ln -sf /srv/real/in-container.yml /etc/nebula/config.yml
      exec /srv/nebula -config /etc/nebula/config.yml`
    const run = async (script: string): Promise<void> => {
      const start =
        'setsid unshare --mount --propagation private sh -ec "$2" sh "$1" </dev/null ' +
        '>/var/log/nebula.log 2>&1 & echo $! >/run/nebula.pid'
      await a.exec(['sh', '-c', start, 'sh', join(nebulaFolder('1.11'), 'nebula'), script])
      await waitUntil('tunnel', 20_000, () => answers(a, '10.86.0.1'))
      await a.exec(['/opt/cni/bin/flatnet-cni', 'sync'])
    }
    await run(inside)
    const report = await look(a)
    t.match(saidBy(report, 'NEB-001'), /^ok {2}process \d+, \/srv\/nebula in a container/)
    t.match(saidBy(report, 'NEB-002'), /^skip {2}it runs in a container, so its version is unknown/)
    t.match(saidBy(report, 'NEB-006'),
      /^warn {2}Nebula uses \/proc\/\d+\/root\/srv\/real\/in-container\.yml, but flatnet reads \/etc\/nebula/)
    t.match(saidBy(report, 'NEB-019'), /^warn {2}punchy\.punch is not true/,
      "Nebula's file is judged, not the one here")
    t.match(saidBy(report, 'NEB-007'), /^ok /)
    await stopNebula(a, HOST_NEBULA)

    await run('exec "$1" -config /etc/nebula/config.yml')
    const same = await look(a)
    isFine(t, same)
    t.match(saidBy(same, 'NEB-002'), /^ok {2}1\./,
      "a service with mounts of its own around the host's files is no container")
    await stopNebula(a, HOST_NEBULA)
    await startNebula(a, '1.11', HOST_NEBULA)
    await a.exec(['/opt/cni/bin/flatnet-cni', 'sync'])
  })

  await t.test('NEB-001: Nebula was killed', async (t) => {
    await lab.cut(['a'])
    const report = await look(a)
    isBroken(t, report, 'NEB-001', /no Nebula process/)
    t.match(saidBy(report, 'NEB-004'), /^fail {2}no link has 10\.86\.1\.1\/16/,
      'the missing link follows from NEB-001')
  })

  await t.test('NEB-003: Nebula runs in its own network namespace', async (t) => {
    const nebula = join(nebulaFolder('1.11'), 'nebula')
    const script =
      'unshare --net "$1" -config /etc/nebula/config.yml >/dev/null 2>&1 & ' +
      'echo $! > /run/nebula.pid; sleep 1'
    await a.exec(['sh', '-c', script, 'sh', nebula])
    const report = await look(a)
    await a.exec(['sh', '-c', 'kill "$(cat /run/nebula.pid)"'])
    isBroken(t, report, 'NEB-003', /process \d+ is in another network namespace/)
  })

  await t.test('NEB-002: Debian 12 has an old Nebula', async (t) => {
    const config = JSON.parse(good) as Config
    const routes = { unsafe_routes: [{ route: '10.87.2.0/24', via: '10.86.2.1' }],
      use_system_route_table: false }
    writeFileSync(path, JSON.stringify({ ...config, tun: { ...config['tun'], ...routes } }))
    await startNebula(a, '1.6', HOST_NEBULA)
    const report = await look(a)
    await stopNebula(a, HOST_NEBULA)
    writeFileSync(path, good)
    isBroken(t, report, 'NEB-002', /1\.6\.\d+ does not follow the system's routes/)
  })

  await t.test('no fault after everything was restored', async (t) => {
    await lab.mend()
    await a.exec(['/opt/cni/bin/flatnet-cni', 'sync'])
    isFine(t, await look(a))
  })
}) // prettier-ignore

t.test('no fault with the Nebula of Debian 13', { skip: whyNoLab('1.9') }, async (t) => {
  const lab = await upLab({ name: `neb9${String(process.pid)}`, nebula: '1.9', podman: false })
  t.teardown(() => lab.down())
  const a = lab.host('a')
  await a.exec(['/opt/cni/bin/flatnet-cni', 'sync'])
  const report = await look(a)
  isFine(t, report)
  t.match(saidBy(report, 'NEB-002'), /^ok {2}1\.9\.\d+; 1\.9\.7 or newer is recommended/)
  t.match(saidBy(report, 'NEB-016'), /^ok /)
})

async function look(host: LabHost): Promise<Report> {
  return reportOf(
    await host.exec(['/opt/cni/bin/flatnet-cni', 'check', '--json', '--group', 'NEB'], { check: false }),
  )
}

function both(rule: object): Record<string, unknown> {
  return { inbound: [rule], outbound: [rule] }
}

// scripts/lab/up.ts puts them there.
function lighthouseFiles(folder: string): { config: string; log: string; pidFile: string } {
  const at = (name: string): string => join(folder, 'lighthouse', name)
  return { config: at('config.yml'), log: at('nebula.log'), pidFile: at('pid') }
}
