// The group WSL of `flatnet-cni check`: a host that looks like WSL in every file that is read, with one fault
// after another.

import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { start, waitUntil } from '../../../scripts/lab/run.ts'
import type { Report } from '../../../src/check/report.ts'
import { isBroken, isFine, placeFile, saidBy } from '../../fixtures/host/check.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { makeWholeHost, type WholeHost } from '../../fixtures/host/whole.ts'

const skip = whyNoHost()
const RELEASE = '6.6.87.2-microsoft-standard-WSL2'
const USER = 'mnt/c/Users/me/.wslconfig'
const AWAKE = '[wsl2]\nvmIdleTimeout=-1\n[general]\ninstanceIdleTimeout=-1\n'

// The contents of files that WSL fills. The modules are those of this machine's kernel, under any name.
function windows(host: WholeHost, more = '', release = RELEASE, mode = 'nat'): string {
  const at = (path: string): string => join(host.folder, path)
  const put = (path: string, text: string, modeBits = 0o644): void => {
    mkdirSync(dirname(at(path)), { recursive: true })
    writeFileSync(at(path), text, { mode: modeBits })
  }
  put('osrelease', `${release}\n`)
  put('bin/wslinfo', `#!/bin/sh\necho ${mode}\n`, 0o755)
  return `mount --bind ${at('osrelease')} /proc/sys/kernel/osrelease
    mkdir -p ${at('mnt/c/Users')}; mount --bind ${at('mnt')} /mnt
    mount -t tmpfs none /run; mkdir -p /run/systemd/system
    mkdir -p "$1/lib-up/modules" "$1/lib-work"
    mount -t overlay -o "lowerdir=/usr/lib,upperdir=$1/lib-up,workdir=$1/lib-work" none /usr/lib
    mkdir -p "/usr/lib/modules/$(uname -r)"
    export PATH="${at('bin')}:$PATH"
    ${more}`
}

// Asks the kernel for something it does not have, so that it answers like one built without that part.
function withoutMasquerade(host: WholeHost): string {
  const [real, script] = [join(host.folder, 'nft-real'), join(host.folder, 'nft-wrapped')]
  copyFileSync('/usr/sbin/nft', real)
  const text =
    `#!/bin/sh\ncase "$*" in *--version*) exec ${real} "$@";; esac\n` +
    `sed 's/late masquerade/late nosuch/' | exec ${real} "$@"\n`
  writeFileSync(script, text, { mode: 0o755 })
  return `mount --bind ${script} /usr/sbin/nft`
}

t.test('each fault that Windows causes is reported and no other', { skip }, async (t) => {
  const host = await makeWholeHost(t)
  const reset = (): void => {
    placeFile(host, 'etc/wsl.conf', '[boot]\nsystemd = true\n')
    placeFile(host, 'etc/resolv.conf', 'nameserver 10.255.255.254\n')
    placeFile(host, USER, AWAKE)
    writeFileSync(host.config, 'listen:\n  port: 4343\n')
  }
  t.beforeEach(reset)
  reset()
  const look = (more = '', release = RELEASE, mode = 'nat'): Promise<Report> =>
    host.check({ mounts: windows(host, more, release, mode) })

  await t.test('the items are skipped on another machine', async (t) => {
    const report = await host.check()
    isFine(t, report)
    for (const { id, verdict } of report.items.filter(({ group }) => group === 'WSL')) t.equal(verdict,
      'skip', id)
  })

  await t.test('no fault at first', async (t) => {
    const report = await look()
    isFine(t, report)
    t.match(saidBy(report, 'WSL-001'), /ok .*mode nat, kernel 6\.6\.87\.2-microsoft/)
    t.match(saidBy(report, 'WSL-004'), /ok .*instanceIdleTimeout=-1 in \/mnt\/c\/Users\/me\/\.wslconfig/)
    t.match(saidBy(report, 'WSL-008'), /dnsTunneling/)
  })

  await t.test('WSL-001: WSL 1, no network, virtioproxy', async (t) => {
    isBroken(t, await look('', '4.4.0-19041-Microsoft'), 'WSL-001', /is WSL 1/)
    isBroken(t, await look('', RELEASE, 'none'), 'WSL-001', /fail .*mode none/)
    isBroken(t, await look('', RELEASE, 'virtioproxy'), 'WSL-001', /warn .*virtioproxy/)
  })

  await t.test('WSL-002: a custom kernel without its modules', async (t) => {
    const none = 'rmdir "/usr/lib/modules/$(uname -r)"'
    isFine(t, await look(none, '5.15.167.4-microsoft-standard-WSL2'))
    placeFile(host, USER, `[wsl2]\nkernel=C:\\\\bzImage\n${AWAKE}`)
    const report = await look(`${none}; ${withoutMasquerade(host)}`)
    isBroken(t, report, 'SYS-007', /refuses nft masquerade/)
    t.match(saidBy(report, 'WSL-002'), /^warn .*there is no \/lib\/modules\/.*kernel=C:.*bzImage/,
      'the reason is reported')
  })

  await t.test('WSL-003: no systemd', async (t) => {
    placeFile(host, 'etc/wsl.conf', '[boot]\n# systemd=true\n')
    isBroken(t, await look('rmdir /run/systemd/system'), 'WSL-003', /does not ask for systemd/)
    placeFile(host, 'etc/wsl.conf', '[Boot]\nSystemd=true\n')
    isBroken(t, await look('rmdir /run/systemd/system'), 'WSL-003', /asks for systemd, but it does not run/)
  })

  await t.test('WSL-004: nothing keeps the distribution running', async (t) => {
    placeFile(host, USER, '\uFEFF[wsl2]\r\nvmIdleTimeout=60000\r\n')
    isBroken(t, await look(), 'WSL-004', /instanceIdleTimeout=not set, vmIdleTimeout=60000/)
    rmSync(join(host.folder, USER))
    isBroken(t, await look(), 'WSL-004', /there is no \.wslconfig/)
  })

  await t.test('WSL-005: no default route', async (t) => {
    await host.netns.batch(['route delete default'])
    isBroken(t, await look(), 'WSL-005', /eth0 has 192\.168\.77\.10\/24, but there is no default route/)
    await host.netns.batch(['route add default via 192.168.77.1'])
  })

  await t.test('WSL-006: the address differs from the last one', async (t) => {
    const move = async (from: string, to: string): Promise<void> => {
      await host.netns.batch([
        `address delete ${from}/24 dev eth0`,
        `address add ${to}/24 dev eth0`,
        'route replace default via 192.168.77.1',
      ])
    }
    await move('192.168.77.10', '192.168.77.20')
    isBroken(t, await look(), 'WSL-006', /192\.168\.77\.20 via 192\.168\.77\.1; it was 192\.168\.77\.10/)
    isBroken(t, await look(), 'WSL-006', /it was 192\.168\.77\.10/)
    await move('192.168.77.20', '192.168.77.10')
    await look()
    isFine(t, await look())
  })

  await t.test('WSL-007: a VPN on Windows', async (t) => {
    await host.netns.batch(['link set eth0 mtu 1300'])
    isBroken(t, await look(), 'WSL-007', /eth0 has MTU 1300, Nebula's packets need 1360/)
    await host.netns.batch(['link set eth0 mtu 1500'])
  })

  await t.test('WSL-008: no name server', async (t) => {
    placeFile(host, 'etc/resolv.conf', '# generated by nobody\n')
    isBroken(t, await look(), 'WSL-008', /names no server/)
  })

  await t.test('WSL-009: the machine was asleep', async (t) => {
    // The kernel computes the boot time from the clock, so it moves along.
    const shift = (seconds: number): string =>
      `booted=$(sed -n 's/^btime //p' /proc/stat)
       sed "s/^btime .*/btime $((booted + ${String(seconds)}))/" /proc/stat >${host.folder}/stat
       mount --bind ${host.folder}/stat /proc/stat`
    isBroken(t, await look(shift(7200)), 'WSL-009', /jumped forward by 7\d\d\d seconds/)
    isFine(t, await look(shift(7200)))
    await look()
  })

  await t.test('WSL-010: a lighthouse behind the Hyper-V firewall', async (t) => {
    writeFileSync(host.config, 'lighthouse:\n  am_lighthouse: true\nlisten:\n  port: 4343\n')
    const report = await look('', RELEASE, 'mirrored')
    isBroken(t, report, 'WSL-010', /UDP 4343/)
    t.match(report.items.find(({ id }) => id === 'WSL-010')?.findings[0]?.next?.[0],
      /New-NetFirewallHyperVRule .*-LocalPorts 4343/)
    placeFile(host, USER, `[wsl2]\nfirewall=false\n${AWAKE}`)
    isFine(t, await look('', RELEASE, 'mirrored'))
  })

  await t.test('WSL-011: the task of Windows has a problem', async (t) => {
    const places = { wanted: '/etc/flatnet/wanted.json', status: '/etc/flatnet/status.json' }
    const status = (problems: readonly string[], at = new Date().toISOString()): string =>
      `\uFEFF${JSON.stringify({ version: 1, at, lanAddresses: [], steps: [], problems })}\r\n`
    placeFile(host, 'etc/flatnet/windows.json', JSON.stringify(places))
    isBroken(t, await look(), 'WSL-011', /the setup script was not run on Windows/)
    placeFile(host, 'etc/flatnet/status.json', status(['there is no interface イーサネット']))
    isBroken(t, await look(), 'WSL-011', /flatnet\\sync says: there is no interface イーサネット/)
    placeFile(host, 'etc/flatnet/status.json', status([], '2026-01-01T00:00:00Z'))
    isBroken(t, await look(), 'WSL-011', /last ran \d+ seconds ago/)
    placeFile(host, 'etc/flatnet/status.json', status([]))
    isFine(t, await look())
    for (const name of ['windows.json', 'status.json']) rmSync(join(host.folder, 'etc/flatnet', name))
  })

  await t.test('WSL-012: another program has the port', async (t) => {
    writeFileSync(host.config, 'listen:\n  port: 4343\n')
    const program = 'require("node:dgram").createSocket("udp4").bind(4343)'
    const other = start(['nsenter', `--net=${host.netns.path}`, process.execPath, '-e', program])
    t.teardown(() => other.kill())
    // proc(5): the port in hexadecimal.
    const bound = ['grep', '-q', ':10F7', '/proc/net/udp']
    await waitUntil('the port to be bound', 5000,
      async () => (await host.netns.exec(bound, { check: false })).exitCode === 0)
    const report = await look()
    isBroken(t, report, 'WSL-012', /another program on this host uses UDP 4343/)
  })

  await t.test('WSL-011: forwarding on Windows is invisible: the item says what the gateway path needs',
    async (t) => {
    const report = await look()
    t.match(saidBy(report, 'WSL-011'), /^skip .*Windows must forward 10\.87\.1\.0\/24 to this host/)
    t.match(saidBy(await look('', RELEASE, 'mirrored'), 'WSL-011'), /^ok .*mirrored/)
    const overrides = { gateway: { via: 'none' } }
    t.match(saidBy(await host.check({ mounts: windows(host), overrides }), 'WSL-011'),
      /^ok .*no gateway path/)
  })

  await t.test('NEB-021: a Nebula without the port that Windows uses too', async (t) => {
    writeFileSync(host.config, 'listen:\n  port: 4242\n')
    const only = (): Promise<Report> =>
      host.check({ mounts: windows(host, '', RELEASE, 'mirrored') }, '--only', 'NEB-021')
    t.match(saidBy(await only(), 'NEB-021'), /^ok .*Nebula here has it/, 'no process has the port')
    // A process with Nebula's name, and then one that also has the port.
    const named = join(host.folder, 'nebula')
    copyFileSync(process.execPath, named)
    const startNamed = (program: string) =>
      start(['nsenter', `--net=${host.netns.path}`, named, '-e', program])
    const idle = startNamed('setInterval(() => {}, 1000)')
    t.teardown(() => idle.kill())
    await waitUntil('the process to start', 5000, async () => /warn/.test(saidBy(await only(), 'NEB-021')))
    isBroken(t, await only(), 'NEB-021', /listen\.port is 4242, which a Nebula on Windows would use too/)
    writeFileSync(host.config, 'lighthouse:\n  am_lighthouse: true\nlisten:\n  port: 4242\n')
    t.match(saidBy(await only(), 'NEB-021'), /^skip .*is a lighthouse/)
    writeFileSync(host.config, 'listen:\n  port: 4242\n')
    const bound = startNamed('require("node:dgram").createSocket("udp4").bind(4242)')
    t.teardown(() => bound.kill())
    await waitUntil('the port to be bound', 5000,
      async () => saidBy(await only(), 'NEB-021').startsWith('ok'))
  })
}) // prettier-ignore
