// join gives the kernel what it needs, as in WSL2: modules that are installed are loaded now and at each
// start, missing ones are named. The modules are a list without files, and modprobe is a stand-in that
// records what it is asked, because this kernel has all built in.

import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { type Machine, makeMachines } from '../../fixtures/office/machines.ts'
import { makeTestOffice } from '../../fixtures/office/office.ts'

const skip = whyNoHost() || whyNoLab()

const RELEASE = '6.6.87.2-microsoft-standard-WSL2'
const MODULES = ['/etc/modules-load.d/flatnet.conf', '/etc/sysctl.d/90-flatnet.conf'] as const
// It makes the tun device usable again, as the real one does.
const MODPROBE = `#!/bin/sh
echo "$*" >>/run/modprobe.log
umount /dev/net 2>/dev/null
exit 0
`

/** Shows the machine another kernel, with these modules installed. */
async function withKernel(machine: Machine, modules: readonly string[] | undefined): Promise<void> {
  writeFileSync(machine.at('/etc/osrelease'), `${RELEASE}\n`)
  await machine.exec(['mount', '--bind', '/etc/osrelease', '/proc/sys/kernel/osrelease'])
  const path = machine.at('/opt/cni/bin/modprobe')
  writeFileSync(path, MODPROBE)
  chmodSync(path, 0o755)
  const upper = 'lowerdir=/usr/lib,upperdir=/run/lib/upper,workdir=/run/lib/work'
  const folder = `/usr/lib/modules/${RELEASE}`
  await machine.exec(['mkdir', '-p', '/run/lib'])
  await machine.exec(['mount', '-t', 'tmpfs', 'none', '/run/lib'])
  await machine.exec(['mkdir', '/run/lib/upper', '/run/lib/work'])
  await machine.exec(['mount', '-t', 'overlay', '-o', upper, 'none', '/usr/lib'])
  if (modules === undefined) return
  await machine.exec(['mkdir', '-p', folder])
  const lines = modules.map((name) => `kernel/net/${name}.ko:\n`).join('')
  await machine.exec(['tee', `${folder}/modules.dep`], { input: lines })
}

/** Takes the tun device away. */
async function withoutTun(machine: Machine): Promise<void> {
  await machine.exec(['mount', '-t', 'tmpfs', 'none', '/dev/net'])
}

t.test('a kernel with modules', { skip }, async (t) => {
  const office = await makeTestOffice(t)
  const { file, code } = await office.add('host-a')
  const { a } = await makeMachines(t, { a: 11 })
  const [modules, sysctls] = MODULES.map(a.at)
  await withKernel(a, ['bridge', 'tun', 'nft_ct', 'ext4'])
  await withoutTun(a)
  copyFileSync(file, a.at('/etc/bundle'))
  const flatnet = (...args: readonly string[]) =>
    a.exec(['flatnet-cni', ...args], { check: false, input: `${code ?? ''}\n` })

  const planned = await flatnet('join', '/etc/bundle', '--windows', 'skip', '--dry-run')
  t.equal(planned.exitCode, 0, planned.stderr)
  for (const path of MODULES) t.match(planned.stdout, new RegExp(`^create +0644 +root +${path} `, 'm'))
  t.match(planned.stdout, /^load modules of the kernel: tun$/m, 'what works already is not loaded')
  t.notMatch(planned.stdout, /lacks/)
  t.notOk(existsSync(modules ?? ''))
  t.notOk(existsSync(a.at('/run/modprobe.log')))

  const said = await flatnet('join', '/etc/bundle', '--windows', 'skip')
  t.match(said.stdout, /Next: \/opt\/cni\/bin\/flatnet-start\.sh start/, said.stderr)
  t.equal((await a.exec(['cat', '/run/modprobe.log'])).stdout, '-a -- tun')
  t.match(readFileSync(modules ?? '', 'utf8'), /^# .*\nbridge\ntun\nnft_ct\n$/)
  t.match(readFileSync(sysctls ?? '', 'utf8'), /^net\.ipv4\.ip_forward = 1$/m)

  await a.exec(['/opt/cni/bin/flatnet-start.sh', 'start'])
  const log = (await a.exec(['cat', '/run/modprobe.log'])).stdout
  t.match(log, /-q -- bridge\n-q -- tun\n-q -- nft_ct$/, 'loaded at each start, for no systemd does')
  const again = await flatnet('join', '/etc/bundle', '--windows', 'skip', '--dry-run', '--json')
  t.match(JSON.parse(again.stdout), {
    kernel: { load: [], lacks: [], modulesAtStart: ['bridge', 'tun', 'nft_ct'] },
  })

  t.equal((await flatnet('leave')).exitCode, 0)
  for (const path of MODULES) t.notOk(existsSync(a.at(path)), path)
})

t.test('a custom kernel without its modules', { skip }, async (t) => {
  const office = await makeTestOffice(t)
  const { file, code } = await office.add('host-a')
  const { a } = await makeMachines(t, { a: 11 })
  await withKernel(a, undefined)
  await withoutTun(a)
  copyFileSync(file, a.at('/etc/bundle'))
  const planned = await a.exec(['flatnet-cni', 'join', '/etc/bundle', '--windows', 'skip', '--dry-run'], {
    check: false,
    input: `${code ?? ''}\n`,
  })
  t.equal(planned.exitCode, 0, planned.stderr)
  t.match(planned.stdout, /^note: kernel 6\.6\.87\.2-microsoft-standard-WSL2 lacks tun: .+$/m)
  t.match(planned.stdout, /there is no \/lib\/modules\/6\.6\.87\.2-microsoft-standard-WSL2/)
  t.match(planned.stdout, /a custom WSL2 kernel needs its module disk: set kernelModules= beside kernel=/)
  t.notMatch(planned.stdout, /modules-load/)
})
