// The group CNI of `flatnet-cni check`: a runtime's folders of networks and plugins, with one fault after
// another.

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Report } from '../../../src/check/report.ts'
import { checkHost, isBroken, isFine, placeFile, saidBy } from '../../fixtures/host/check.ts'
import { EXECUTABLE, whyNoHost } from '../../fixtures/host/cni.ts'
import { makeHost, type TestHost } from '../../fixtures/host/host.ts'

const skip = whyNoHost() || (existsSync('/usr/bin/podman') ? false : 'podman is missing: scripts/setup.sh')

const OURS = 'etc/cni/net.d/10-flatnet.conflist'
const GOOD = readFileSync(join(import.meta.dirname, '../../../conflist/10-flatnet.conflist'), 'utf8')
interface Conflist {
  cniVersion: string
  name: string
  plugins: Record<string, unknown>[]
}

t.test("each fault of the runtimes' networks is reported and no other", { skip }, async (t) => {
  const host = await makeHost(t)
  const look = (mounts = ':'): Promise<Report> => checkHost(host, ['--group', 'CNI'], { mounts })
  for (const folder of ['opt', 'lib']) mkdirSync(join(host.folder, folder))
  const plugin = join(host.folder, 'opt/flatnet-cni')
  symlinkSync(EXECUTABLE, plugin)
  placeFile(host, OURS, GOOD)
  placeFile(host, 'etc/containers/containers.conf', '[network]\nnetwork_backend = "cni"\n')
  // The machine's own networks name plugins in its own folders.
  for (const type of ['bridge', 'portmap', 'firewall', 'tuning', 'loopback']) placeProgram(host,
    `lib/${type}`)

  const withFile = async (path: string, text: string, act: () => Promise<Report> = look): Promise<Report> => {
    const before = existsSync(join(host.folder, path))
      ? readFileSync(join(host.folder, path), 'utf8') : undefined
    placeFile(host, path, text)
    try {
      return await act()
    } finally {
      if (before === undefined) rmSync(join(host.folder, path))
      else placeFile(host, path, before)
    }
  }
  const withOurs = (change: (conflist: Conflist) => void): Promise<Report> => {
    const conflist = JSON.parse(GOOD) as Conflist
    change(conflist)
    return withFile(OURS, JSON.stringify(conflist))
  }

  await t.test('no fault in the conflist that comes with flatnet', async (t) => {
    const report = await look()
    isFine(t, report)
    t.match(saidBy(report, 'CNI-001'), /network flatnet \(\/etc\/cni\/net\.d\/10-flatnet\.conflist\)/)
    t.match(saidBy(report, 'CNI-006'), /ok \/opt\/cni\/bin\/flatnet-cni same build/)
    t.match(saidBy(report, 'CNI-010'), /network_backend is cni/)
  })

  await t.test('CNI-001: no file names flatnet-cni', async (t) => {
    isBroken(t, await withFile(OURS, '{"cniVersion":"1.0.0","name":"n","plugins":[{"type":"bridge"}]}'),
      'CNI-001', /no file in \/etc\/cni\/net\.d/)
  })

  await t.test('CNI-002: a misspelt key', async (t) => {
    const report = await withOurs(({ plugins }) => Object.assign(plugins[0] ?? {}, { ipMask: false }))
    isBroken(t, report, 'CNI-002', /unknown key: ipMask: false/)
  })

  await t.test('CNI-003: no capabilities', async (t) => {
    const report = await withOurs(({ plugins }) => delete plugins[0]?.['capabilities'])
    isBroken(t, report, 'CNI-003', /published ports \(-p\) do nothing/)
  })

  await t.test('CNI-004: behind another plugin', async (t) => {
    isBroken(t, await withOurs(({ plugins }) => plugins.unshift({ type: 'tuning' })), 'CNI-004',
      /comes after tuning/)
  })

  await t.test('CNI-005: the link to the plugin leads nowhere', async (t) => {
    rmSync(plugin)
    symlinkSync('/no/such/file', plugin)
    const report = await look()
    rmSync(plugin)
    isBroken(t, report, 'CNI-005',
      /flatnet-cni for podman \/opt\/cni\/bin\/flatnet-cni is not executable, or is a dangling link/)
    isBroken(t, await look(), 'CNI-005', /flatnet-cni for podman not in .*\/opt\/cni\/bin/)
    symlinkSync(EXECUTABLE, plugin)
  })

  await t.test('CNI-006: an older executable was left in the folder', async (t) => {
    rmSync(plugin)
    placeProgram(host, 'opt/flatnet-cni')
    const report = await look()
    rmSync(plugin)
    symlinkSync(EXECUTABLE, plugin)
    isBroken(t, report, 'CNI-006', /\/opt\/cni\/bin\/flatnet-cni differs from/)
  })

  await t.test('CNI-007: a plugin of the chain is missing', async (t) => {
    isBroken(t, await withOurs(({ plugins }) => plugins.push({ type: 'bandwidth' })), 'CNI-007',
      /bandwidth not in/)
  })

  await t.test('CNI-008: a copy of the file', async (t) => {
    isBroken(t,
      await withFile('etc/cni/net.d/11-copy.conflist',
      '{"cniVersion":"1.0.0","name":"flatnet","plugins":[{"type":"bridge"}]}'), 'CNI-008',
      /network flatnet is also in \/etc\/cni\/net\.d\/11-copy\.conflist/)
  })

  await t.test('CNI-009: a file that is not JSON', async (t) => {
    isBroken(t, await withFile('etc/cni/net.d/99-broken.conflist', '{"name": '), 'CNI-009',
      /fail \/etc\/cni\/net\.d\/99-broken\.conflist/)
  })

  await t.test('CNI-009: what editors, Windows and accidents leave', async (t) => {
    const folder = join(host.folder, 'etc/cni/net.d')
    const junk = ['20-link.conflist', '30-pipe.conflist', '40-folder.conflist', '60-mark.conflist',
      '70-comment.conflist']
    const [link, pipe, below, mark, comment] = junk.map((name) => join(folder, name)) as [string, string,
      string, string, string]
    symlinkSync('/nowhere', link)
    execFileSync('mkfifo', [pipe])
    mkdirSync(below)
    writeFileSync(mark, `\uFEFF${GOOD.replace('"flatnet"', '"marked"')}`)
    writeFileSync(comment, `{ // ours\n${GOOD.replace('"flatnet"', '"commented"').slice(1)}`)
    const report = await look()
    for (const path of [link, pipe, below, mark, comment]) rmSync(path, { recursive: true })
    isBroken(t, report, 'CNI-009', /20-link\.conflist is a link to \/nowhere, which does not exist/)
    const said = saidBy(report, 'CNI-009')
    t.match(said, /30-pipe\.conflist is a pipe/)
    t.match(said, /60-mark\.conflist begins with a byte order mark/)
    t.match(said, /70-comment\.conflist .*JSON has no comments/)
    t.notMatch(said, /40-folder/, 'runtimes skip folders')
  })

  await t.test('CNI-009: a network of a plugin that was removed', async (t) => {
    const text = '{"cniVersion":"1.0.0","name":"weave","plugins":[{"type":"weave-net"}]}'
    isBroken(t, await withFile('etc/cni/net.d/98-weave.conflist', text), 'CNI-009',
      /network weave needs weave-net/)
  })

  await t.test('CNI-010: podman uses its other backend', async (t) => {
    const report = await withFile('etc/containers/containers.conf',
      '[network]\nnetwork_backend = "netavark"\n')
    isBroken(t, report, 'CNI-010', /network_backend is netavark \(\/etc\/containers\/containers\.conf\)/)
    const next = report.items.find(({ id }) => id === 'CNI-010')?.findings[0]?.next ?? []
    for (const line of next.filter((each) => each.includes('system reset'))) t.match(line,
      /DELETES all containers/)
  })

  await t.test('CNI-010: podman 5, whatever its settings say', async (t) => {
    // Acts like a podman without CNI, which fails on every command because of the setting.
    const program = join(host.folder, 'podman-5')
    writeFileSync(program, '#!/bin/sh\n[ "$1" = --version ] && echo podman version 5.4.2 && exit\nexit 125\n',
      { mode: 0o755 })
    const five = `mount --bind ${program} /usr/bin/podman`
    const conf = 'etc/containers/containers.conf'
    const report = await withFile(conf, '[network]\nnetwork_backend = "cni"\n', () => look(five))
    isBroken(t, report, 'CNI-010', /^fail .*podman 5\.4\.2 was built without CNI and refuses every command/)
    const next = report.items.find(({ id }) => id === 'CNI-010')?.findings[0]?.next ?? []
    t.match(next, [/^remove network_backend from \/etc\/containers\/containers\.conf/])
    t.match(saidBy(report, 'CNI-005'), /^skip .*no container runtime that uses CNI/,
      'podman 5 needs no CNI plugin')
    const drivers = 'etc/containers/netavark'
    const withDriver = `[network]\nnetavark_plugin_dirs = ["/${drivers}"]\n`
    const without = await withFile(conf, withDriver, () => look(five))
    isBroken(t, without, 'CNI-012', /^warn .*flatnet-cni is not in \/etc\/containers\/netavark/)
    t.match(saidBy(without, 'CNI-010'), /^ok .*podman 5\.4\.2 has network drivers in place of CNI/)
    placeFile(host, `${drivers}/flatnet-cni`, '#!/bin/sh\n')
    chmodSync(join(host.folder, drivers, 'flatnet-cni'), 0o755)
    const network = JSON.stringify({ name: 'flatnet', driver: 'flatnet-cni',
      subnets: [{ subnet: '10.87.9.0/24' }] })
    placeFile(host, 'etc/containers/networks/flatnet.json', network)
    const stale = await withFile(conf, withDriver, () => look(five))
    isBroken(t, stale, 'CNI-012',
      /^warn .*flatnet\.json shows 10\.87\.9\.0\/24, and containers get addresses of/)
    for (const made of [drivers, 'etc/containers/networks']) rmSync(join(host.folder, made),
      { recursive: true })
    writeFileSync(program, '#!/bin/sh\n[ "$1" = --version ] && echo podman version 5.4.2 || echo cni\n',
      { mode: 0o755 })
    const own = await look(five)
    isFine(t, own)
    t.match(saidBy(own, 'CNI-010'), /^ok .*network_backend is cni/,
      'a podman 5 built with CNI is asked for its backend')
  })

  await t.test('CNI-005: a containerd that may be there for Docker alone',
    { skip: !existsSync('/usr/bin/containerd') && 'containerd is missing' }, async (t) => {
    placeFile(host, 'etc/containerd/config.toml',
      '[plugins."io.containerd.grpc.v1.cri".cni]\nbin_dir = "/usr/lib/cni"\n')
    const socket = 'mount -t tmpfs none /run; mkdir /run/containerd; : >/run/containerd/containerd.sock'
    const report = await look(socket)
    isBroken(t, report, 'CNI-005',
      /warn flatnet-cni for containerd not in \/usr\/lib\/cni; it is unknown whether containerd/)
    t.equal(report.exitCode, 0)
    const kubelet = await look(`${socket}; mount -t tmpfs none /var/lib; mkdir /var/lib/kubelet`)
    isBroken(t, kubelet, 'CNI-005', /fail flatnet-cni for containerd not in \/usr\/lib\/cni$/m)
    rmSync(join(host.folder, 'etc/containerd'), { recursive: true })
  })

  await t.test('CNI-011: two networks with two state directories', async (t) => {
    const conflist = JSON.parse(GOOD) as Conflist
    Object.assign(conflist, { name: 'two' })
    Object.assign(conflist.plugins[0] ?? {}, { stateDir: '/var/lib/other', bridge: 'flatnet1' })
    isBroken(t, await withFile('etc/cni/net.d/12-two.conflist', JSON.stringify(conflist)), 'CNI-011',
      /12-two\.conflist stateDir is \/var\/lib\/other, but .*\/state according to \S+\/flatnet\.json/)
  })

  await t.test('no fault after everything was restored', async (t) => isFine(t, await look()))
}) // prettier-ignore

function placeProgram(host: TestHost, path: string): void {
  const whole = join(host.folder, path)
  rmSync(whole, { force: true })
  copyFileSync('/bin/true', whole)
  chmodSync(whole, 0o755)
}
