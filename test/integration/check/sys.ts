// The group SYS of `flatnet-cni check`: a host with one fault after another.

import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isBroken, isFine, saidBy } from '../../fixtures/host/check.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { makeWholeHost, type WholeHost } from '../../fixtures/host/whole.ts'

const skip = whyNoHost()
const MACHINE = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
const FAKETIME = `/usr/lib/${MACHINE}-linux-gnu/faketime/libfaketime.so.1`

// Leaves one program in the only folder that is searched for programs.
function onlyWith(host: WholeHost, program: 'ip' | 'nft'): string {
  const bin = join(host.folder, `only-${program}`)
  mkdirSync(bin, { recursive: true })
  copyFileSync(`/usr/sbin/${program}`, join(bin, program))
  return ['/usr/sbin', '/usr/bin'].map((folder) => `mount --bind ${bin} ${folder}`).join('\n')
}

// Asks the kernel for something it does not have, so that it answers like one built without that part.
function wrapped(host: WholeHost, program: 'ip' | 'nft', from: string, to: string): string {
  const [real, script] = [join(host.folder, `${program}-real`), join(host.folder, `${program}-wrapped`)]
  copyFileSync(`/usr/sbin/${program}`, real)
  const text =
    `#!/bin/sh\ncase "$*" in *-Version*|*--version*|*show*) exec ${real} "$@";; esac\n` +
    `sed 's/${from}/${to}/' | exec ${real} "$@"\n`
  writeFileSync(script, text, { mode: 0o755 })
  return `mount --bind ${script} /usr/sbin/${program}`
}

// Replaces a file of the kernel.
function says(host: WholeHost, path: string, text: string): string {
  const file = join(host.folder, path.replaceAll('/', '_'))
  writeFileSync(file, text)
  return `mount --bind ${file} ${path}`
}

t.test('each fault of the machine is reported and no other', { skip }, async (t) => {
  const host = await makeWholeHost(t)
  await t.test('no fault at first', async (t) => isFine(t, await host.check()))

  await t.test('SYS-001: an invalid settings file', async (t) => {
    const report = await host.check({ settings: '{"bridge": 7}' })
    isBroken(t, report, 'SYS-001', /bridge.*7/)
    t.equal(report.exitCode, 2)
    t.match(saidBy(report, 'CERT-001'), /^skip .*bridge/,
      'items that need the settings say why they are skipped')
  })

  await t.test('SYS-002: not root, and root in a user namespace only', async (t) => {
    const all = ['--group', 'SYS', '--group', 'CERT']
    const user = 'shift; exec setpriv --reuid=65534 --clear-groups "$@"'
    isBroken(t, await host.check({ mounts: user }, ...all), 'SYS-002', /user 65534/)
    const mapped = 'shift; exec unshare --user --map-root-user "$@"'
    isBroken(t, await host.check({ mounts: mapped }, ...all), 'SYS-002', /user namespace/)
  })

  await t.test('SYS-003: no ip', async (t) =>
    isBroken(t, await host.check({ mounts: onlyWith(host, 'nft') }), 'SYS-003', /"ip" is not in/))

  await t.test('SYS-003: an old ip', async (t) => {
    const old = says(host, '/usr/sbin/ip', '#!/bin/sh\necho ip utility, iproute2-ss161212\n')
    isBroken(t, await host.check({ mounts: `${old}\nchmod 755 ${host.folder}/_usr_sbin_ip` }), 'SYS-003',
      /says|version|iproute2/)
  })

  await t.test('SYS-004: no nft', async (t) =>
    isBroken(t, await host.check({ mounts: onlyWith(host, 'ip') }), 'SYS-004', /"nft" is not in/))

  await t.test('SYS-005: a kernel without bridges', async (t) => {
    const mounts = wrapped(host, 'ip', 'type bridge', 'type nosuch')
    isBroken(t, await host.check({ mounts }), 'SYS-005', /fail bridge .*cannot create a bridge: .*[Uu]nknown/)
  })

  await t.test('SYS-006: no /dev/net/tun', async (t) =>
    isBroken(t, await host.check({ mounts: 'mount -t tmpfs none /dev/net' }), 'SYS-006',
      /cannot create a tun device: open: No such file/))

  await t.test('SYS-007: a kernel without masquerade', async (t) => {
    const mounts = wrapped(host, 'nft', 'late masquerade', 'late nosuch')
    isBroken(t, await host.check({ mounts }), 'SYS-007', /refuses nft masquerade: /)
  })

  await t.test('SYS-014: a clock set back', { skip: !existsSync(FAKETIME) && 'faketime is not installed' },
    async (t) => {
    // The certificate is older than that, so it stays valid.
    const mounts =
      `export LD_PRELOAD=${FAKETIME} FAKETIME=-86400 ` + 'FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1'
    isBroken(t, await host.check({ mounts }), 'SYS-014', /at least 8\d{4} seconds behind/)
  })

  await t.test('SYS-015: a full disk, a disk without inodes, a read-only disk', async (t) => {
    const on = (options: string): string =>
      `mkdir -p ${host.stateDir}; mount -t tmpfs -o ${options} none ${host.stateDir}`
    isBroken(t, await host.check({ mounts: on('size=64k') }), 'SYS-015', /fail stateDir .*only 0 MiB/)
    isBroken(t, await host.check({ mounts: on('nr_inodes=20') }), 'SYS-015',
      /fail stateDir .*only .*1\d inodes/)
    isBroken(t, await host.check({ mounts: on('ro') }), 'SYS-015', /mounted read-only/)
    isBroken(t, await host.check({ mounts: on('size=20m') }), 'SYS-015', /warn stateDir .*only \d+ MiB/)
  })

  await t.test('SYS-012: a nearly full connection table', async (t) => {
    const path = '/proc/sys/net/netfilter'
    const limit = says(host, `${path}/nf_conntrack_max`, '1000\n')
    const with_ = (count: number): string =>
      `${limit}\n${says(host, `${path}/nf_conntrack_count`, `${String(count)}\n`)}`
    isBroken(t, await host.check({ mounts: with_(990) }), 'SYS-012', /fail .*990 of 1000/)
    isBroken(t, await host.check({ mounts: with_(850) }), 'SYS-012', /warn .*850 of 1000/)
  })
}) // prettier-ignore
