// The group SYS of `flatnet-cni check`: a host that is broken in one way after another.

import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Report } from '../../src/check/report.ts'
import { isBroken, isFine, saidBy } from '../fixtures/check.ts'
import { addressOf, whyNoHost } from '../fixtures/cni.ts'
import { pings } from '../fixtures/netns.ts'
import { makeWholeHost, type WholeHost } from '../fixtures/whole-host.ts'

t.setTimeout(240_000)
const skip = whyNoHost()
const FAKETIME = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketime.so.1`

// Of the folders that programs are looked for in, only one with a single program is left.
function onlyWith(host: WholeHost, program: 'ip' | 'nft'): string {
  const bin = join(host.folder, `only-${program}`)
  mkdirSync(bin, { recursive: true })
  copyFileSync(`/usr/sbin/${program}`, join(bin, program))
  return ['/usr/sbin', '/usr/bin'].map((folder) => `mount --bind ${bin} ${folder}`).join('\n')
}

// The kernel is asked for something that it does not have, as one without that part would be.
function wrapped(host: WholeHost, program: 'ip' | 'nft', from: string, to: string): string {
  const [real, script] = [join(host.folder, `${program}-real`), join(host.folder, `${program}-wrapped`)]
  copyFileSync(`/usr/sbin/${program}`, real)
  const text = `#!/bin/sh\ncase "$*" in *-Version*|*--version*|*show*) exec ${real} "$@";; esac\nsed 's/${from}/${to}/' | exec ${real} "$@"\n`
  writeFileSync(script, text, { mode: 0o755 })
  return `mount --bind ${script} /usr/sbin/${program}`
}

// A file of the kernel's that says something else.
function says(host: WholeHost, path: string, text: string): string {
  const file = join(host.folder, path.replaceAll('/', '_'))
  writeFileSync(file, text)
  return `mount --bind ${file} ${path}`
}

t.test('what is wrong with the machine is named, alone', { skip }, async (t) => {
  const host = await makeWholeHost(t)
  await t.test('nothing is wrong at first', async (t) => isFine(t, await host.check()))

  await t.test('SYS-001: a settings file that is wrong', async (t) => {
    const report = await host.check({ settings: '{"bridge": 7}' })
    isBroken(t, report, 'SYS-001', /bridge.*7/)
    t.equal(report.exitCode, 2)
    t.match(saidBy(report, 'CERT-001'), /^skip .*bridge/, 'what rests on it says why it cannot look')
  })

  await t.test('SYS-002: not root, and root of a user namespace only', async (t) => {
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
    isBroken(t, await host.check({ mounts: `${old}\nchmod 755 ${host.folder}/_usr_sbin_ip` }), 'SYS-003', /says|version|iproute2/)
  })

  await t.test('SYS-004: no nft', async (t) =>
    isBroken(t, await host.check({ mounts: onlyWith(host, 'ip') }), 'SYS-004', /"nft" is not in/))

  await t.test('SYS-005: a kernel without bridges', async (t) => {
    const mounts = wrapped(host, 'ip', 'type bridge', 'type nosuch')
    isBroken(t, await host.check({ mounts }), 'SYS-005', /fail bridge .*makes no bridge: .*[Uu]nknown/)
  })

  await t.test('SYS-006: no /dev/net/tun', async (t) =>
    isBroken(t, await host.check({ mounts: 'mount -t tmpfs none /dev/net' }), 'SYS-006', /no tun device can be made: open: No such file/))

  await t.test('SYS-007: a kernel without masquerade', async (t) => {
    const mounts = wrapped(host, 'nft', 'late masquerade', 'late nosuch')
    isBroken(t, await host.check({ mounts }), 'SYS-007', /refuses nft masquerade: /)
  })

  await t.test('SYS-014: a clock that fell back', { skip: !existsSync(FAKETIME) && 'faketime is not installed' }, async (t) => {
    // The certificate is older than that, so it is valid all the same.
    const mounts = `export LD_PRELOAD=${FAKETIME} FAKETIME=-86400 FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1`
    isBroken(t, await host.check({ mounts }), 'SYS-014', /at least 8\d{4} seconds behind/)
  })

  await t.test('SYS-015: a full disk, a disk without inodes, a read-only disk', async (t) => {
    const on = (options: string): string => `mkdir -p ${host.stateDir}; mount -t tmpfs -o ${options} none ${host.stateDir}`
    isBroken(t, await host.check({ mounts: on('size=64k') }), 'SYS-015', /fail stateDir .*only 0 MiB/)
    isBroken(t, await host.check({ mounts: on('nr_inodes=20') }), 'SYS-015', /fail stateDir .*only .*1\d inodes/)
    isBroken(t, await host.check({ mounts: on('ro') }), 'SYS-015', /mounted read-only/)
    isBroken(t, await host.check({ mounts: on('size=20m') }), 'SYS-015', /warn stateDir .*only \d+ MiB/)
  })

  await t.test('SYS-012: a table of connections that is nearly full', async (t) => {
    const path = '/proc/sys/net/netfilter'
    const limit = says(host, `${path}/nf_conntrack_max`, '1000\n')
    const with_ = (count: number): string => `${limit}\n${says(host, `${path}/nf_conntrack_count`, `${String(count)}\n`)}`
    isBroken(t, await host.check({ mounts: with_(990) }), 'SYS-012', /fail .*990 of 1000/)
    isBroken(t, await host.check({ mounts: with_(850) }), 'SYS-012', /warn .*850 of 1000/)
  })
}) // prettier-ignore

const noLegacy = existsSync('/usr/sbin/iptables-legacy') ? false : 'iptables is not installed'

t.test('what came between containers after they were started is named and repaired', { skip: skip || noLegacy }, async (t) => {
  const host = await makeWholeHost(t)
  const [one, two] = [await host.container(), await host.container()]
  await host.add(one)
  const containers = [one, two, addressOf(await host.add(two))] as const
  const sh = (line: string) => host.netns.exec(['sh', '-ec', line])
  await t.test('nothing is wrong beside a container', async (t) => isFine(t, await host.check()))

  // What is asked for, then the repair, then whether it is whole again.
  const repaired = async (t: Test, id: string): Promise<void> => {
    const trial = await host.check({}, '--fix', '--dry-run', '--only', id)
    t.match(trial, { dryRun: true, repairs: [{ ids: [id], undo: /./ }], roots: [id] })
    const after = await host.check({}, '--fix', '--only', id)
    t.match(after, { dryRun: false, repairs: [{ ids: [id] }], roots: [], exitCode: 0 })
  }

  await t.test('SYS-008: forwarding switched off', async (t) => {
    await sh('echo 0 >/proc/sys/net/ipv4/ip_forward')
    isBroken(t, await host.check(), 'SYS-008', /ip_forward = 0/)
    await repaired(t, 'SYS-008')
  })

  await t.test('SYS-009: strict source checks', async (t) => {
    await sh('echo 1 >/proc/sys/net/ipv4/conf/nebula1/rp_filter')
    isBroken(t, await host.check(), 'SYS-009', /fail nebula1 rp_filter of nebula1 is 1/)
    await repaired(t, 'SYS-009')
  })

  await t.test('SYS-010: Docker set FORWARD to DROP', async (t) => {
    await sh(`nft 'add table ip filter; add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }'`)
    isBroken(t, await host.check(), 'SYS-010', /fail IPv4 .*does not accept flatnet0/)
    await repaired(t, 'SYS-010')
    isFine(t, await host.check())
    await sh('nft delete table ip filter')
  })

  await t.test('SYS-010: the undo of that repair is a command, and undoes it', async (t) => {
    await sh('iptables -P FORWARD DROP')
    const { repairs } = (await host.check({}, '--fix', '--only', 'SYS-010')) as unknown as { repairs: { undo: string }[] }
    isFine(t, await host.check())
    await sh(repairs[0]?.undo ?? 'false')
    isBroken(t, await host.check(), 'SYS-010', /fail IPv4 .*does not accept flatnet0/)
    await sh('nft delete table ip filter')
  })

  await t.test('SYS-010: Docker left its chain behind, and nothing leads to it any more', async (t) => {
    await sh('iptables -P FORWARD DROP; iptables -N DOCKER-USER')
    for (const way of ['-i', '-o']) await sh(`iptables -A DOCKER-USER ${way} flatnet0 -j ACCEPT`)
    isBroken(t, await host.check(), 'SYS-010', /fail IPv4 .*FORWARD does not accept flatnet0/)
    await repaired(t, 'SYS-010')
    await sh('nft delete table ip filter')
  })

  // The lines that are printed, all but those that only look.
  const doAsTold = async (report: Report): Promise<void> => {
    const next = report.items.find(({ id }) => id === 'SYS-010')?.findings[0]?.next ?? []
    for (const line of next.filter((each) => !each.startsWith('look'))) await sh(line)
  }
  const OTHERS = [
    ['a ruleset of your own', ['nft add table inet mine', "nft 'add chain inet mine way { type filter hook forward priority 0; policy drop; }'"], /fail inet mine way .*drops by default, and lets nothing of flatnet0 pass/, 'nft delete table inet mine'],
    ['a last rule that rejects', ['iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT', 'iptables -A FORWARD -j REJECT'], /fail ip filter FORWARD .*drops in the end, and lets nothing/, 'nft delete table ip filter'],
    ['the old iptables', ['iptables-legacy -P FORWARD DROP'], /fail iptables-legacy FORWARD .*drops by default/, 'iptables-legacy -F; iptables-legacy -P FORWARD ACCEPT'],
    ['the old iptables, a last rule', ['iptables-legacy -A FORWARD -j REJECT'], /fail iptables-legacy FORWARD .*drops in the end/, 'iptables-legacy -F'],
  ] as const
  for (const [name, before, says, after] of OTHERS) {
    await t.test(`SYS-010: ${name}: what is printed helps and is then enough`, async (t) => {
      const [one] = containers
      t.ok(await pings(one, '10.87.2.10'))
      for (const line of before) await sh(line)
      t.notOk(await pings(one, '10.87.2.10'), 'nothing gets through')
      const report = await host.check()
      isBroken(t, report, 'SYS-010', says)
      t.equal(report.exitCode, 2)
      await doAsTold(report)
      t.ok(await pings(one, '10.87.2.10'), 'all gets through')
      isFine(t, await host.check())
      await sh(after)
    })
  }

  await t.test('SYS-010: rules of which some may let it pass are a warning', async (t) => {
    await sh(`nft 'add table inet mine; add chain inet mine way { type filter hook forward priority 0; policy drop; }; add rule inet mine way ip saddr 10.87.0.0/16 accept'`)
    const report = await host.check()
    isBroken(t, report, 'SYS-010', /warn inet mine way .*depends on its rules/)
    t.equal(report.exitCode, 0, 'it may be right')
    await sh('nft delete table inet mine')
  })

  await t.test('SYS-010: firewalld, which accepts by default and rejects in the end', async (t) => {
    // Its chains as firewalld 1.3 makes them, in short.
    const zones = (rule: string): string => `table inet firewalld {
      chain filter_FORWARD { type filter hook forward priority 10; policy accept; ct state { established, related } accept; ct status dnat accept; iifname "lo" accept; jump filter_FORWARD_ZONES; reject with icmpx admin-prohibited; }
      chain filter_FORWARD_ZONES { ${rule} goto filter_FWD_public; }
      chain filter_FWD_trusted { accept; }
      chain filter_FWD_public { meta l4proto { icmp, ipv6-icmp } counter; }
    }`
    const put = (rule: string): Promise<unknown> => host.netns.exec(['nft', '-f', '-'], { input: zones(rule).replace('chain filter_FORWARD_ZONES', 'chain filter_FWD_public { }\nchain filter_FWD_trusted { }\nchain filter_FORWARD_ZONES') })
    await put('')
    const report = await host.check()
    isBroken(t, report, 'SYS-010', /inet firewalld filter_FORWARD .*drops in the end/)
    t.match(report.items.find(({ id }) => id === 'SYS-010')?.findings[0]?.next?.[0], 'firewall-cmd --permanent --zone=trusted --add-interface=flatnet0')
    await sh('nft delete table inet firewalld')
    await put('iifname "flatnet0" goto filter_FWD_trusted;')
    isFine(t, await host.check())
    await sh('nft delete table inet firewalld')
  })

  await t.test('SYS-011: containers of one host behind br_netfilter', async (t) => {
    const [one, , address] = containers
    const calls = '/proc/sys/net/bridge/bridge-nf-call-iptables'
    await sh(`echo 1 >${calls}; iptables -P FORWARD DROP`)
    t.notOk(await pings(one, address), 'they are kept apart')
    const report = await host.check()
    isBroken(t, report, 'SYS-010', /FORWARD does not accept flatnet0/)
    t.match(saidBy(report, 'SYS-011'), /^fail .*bridge-nf-call-iptables = 1, and ip filter FORWARD drops/)
    await sh(`echo 0 >${calls}`)
    t.ok(await pings(one, address), 'without br_netfilter they are not')
    t.match(saidBy(await host.check(), 'SYS-011'), /^ok /)
    await sh(`echo 1 >${calls}`)
    await host.check({}, '--fix', '--only', 'SYS-010')
    t.ok(await pings(one, address), 'nor once it is repaired')
    isFine(t, await host.check())
    await sh('nft delete table ip filter')
  })
}) // prettier-ignore

t.test('SYS-013: more ports on the bridge than the backlog has room for is named', { skip }, async (t) => {
  const host = await makeWholeHost(t)
  await host.add(await host.container())
  isFine(t, await host.check())
  const ports = Array.from({ length: 810 }, (_, index) => String(index))
  await host.netns.batch(ports.map((each) => `link add name p${each} master flatnet0 type veth peer name q${each}`))
  isBroken(t, await host.check(), 'SYS-013', /warn .*811 ports on flatnet0, net\.core\.netdev_max_backlog = 1000/)
}) // prettier-ignore
