// What join puts on a machine, what it refuses, and what is left when it is stopped. Nothing is started here.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join as joinPath } from 'node:path'
import t, { type Test } from 'tap'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import type { Outcome } from '../../../scripts/lab/run.ts'
import { readText } from '../../../src/state/files/atomic.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { type Machine, makeMachines } from '../../fixtures/office/machines.ts'
import { type Added, makeTestOffice } from '../../fixtures/office/office.ts'

const skip = whyNoHost() || whyNoLab()

interface Said extends Outcome {
  readonly json: () => { readonly steps: readonly Step[] }
}
interface Step {
  readonly path: string
  readonly mode: string | null
  readonly owner: string
  readonly change: string
}

async function join(machine: Machine, added: Added, ...options: readonly string[]): Promise<Said> {
  writeFileSync(machine.at('/etc/bundle'), readFileSync(added.file))
  const said = await machine.exec(['flatnet-cni', 'join', '/etc/bundle', ...options], {
    check: false,
    input: `${added.code ?? ''}\n`,
  })
  return { ...said, json: () => JSON.parse(said.stdout) as ReturnType<Said['json']> }
}

function refused(t: Test, said: Outcome, says: RegExp): void {
  t.not(said.exitCode, 0)
  t.match(said.stderr, says)
  t.notMatch(said.stdout + said.stderr, /\n\s+at |node:internal|PRIVATE KEY/, 'no stack trace and no key')
}

/** Every file and link of the machine that join may touch, with mode and content. */
function picture(machine: Machine): Readonly<Record<string, string>> {
  const found: [string, string][] = []
  for (const folder of [
    '/etc/nebula',
    '/etc/flatnet',
    '/etc/cni',
    '/var/lib/flatnet',
    '/opt',
    '/usr/lib/cni',
  ]) {
    const root = machine.at(folder)
    if (!existsSync(root)) continue
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
      const path = joinPath(entry.parentPath, entry.name)
      const content = entry.isFile()
        ? `${statSync(path).mode.toString(8)} ${readFileSync(path, 'utf8')}`
        : 'other'
      found.push([path.slice(machine.disk.length), content])
    }
  }
  return Object.fromEntries(found.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function noPodman4(): string | false {
  const { stdout } = spawnSync('podman', ['--version'], { encoding: 'utf8' })
  return /version 4\./.test(stdout ?? '') ? false : 'podman 4 is not installed'
}

const isJournal = (path: string): boolean => path.includes('/var/lib/flatnet/join')

function withoutJournal(all: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(all).filter(([path]) => !isJournal(path) && !path.endsWith('/flatnet-cni')),
  )
}

t.test(
  'a plan, the host as planned, nothing the second time, and no trace in the end',
  { skip },
  async (t) => {
    const office = await makeTestOffice(t)
    const added = await office.add('host-a')
    const { a } = await makeMachines(t, { a: 11 })
    const bare = picture(a)

    const planned = await join(a, added, '--dry-run')
    t.equal(planned.exitCode, 0, planned.stderr)
    t.match(planned.stdout, /^create +0600 +root +\/etc\/nebula\/host\.key +this host's private key$/m)
    t.match(planned.stdout, /nothing was changed \(--dry-run\)/)
    t.same(picture(a), bare)

    t.equal((await join(a, added)).exitCode, 0)
    const whole = picture(a)
    for (const { path, mode } of (await join(a, added, '--dry-run', '--json')).json().steps)
      if (mode !== null)
        t.equal((statSync(a.at(path)).mode & 0o7777).toString(8).padStart(4, '0'), mode, path)
    const again = await join(a, added)
    t.match(again.stdout, /every file is in place/)
    t.same(picture(a), whole, 'the second time changes nothing')

    t.equal((await a.exec(['flatnet-cni', 'leave', '--dry-run'])).exitCode, 0)
    t.same(picture(a), whole)
    t.equal((await a.exec(['flatnet-cni', 'leave'])).exitCode, 0)
    t.same(picture(a), bare, 'no trace')
  },
)

t.test('what was there comes back, and what was changed since is kept', { skip }, async (t) => {
  const office = await makeTestOffice(t)
  const added = await office.add('host-a')
  const { a } = await makeMachines(t, { a: 11 })
  writeFileSync(a.at('/etc/nebula/config.yml'), 'mine: true\n', { mode: 0o640 })
  writeFileSync(a.at('/etc/nebula/host.crt'), 'my certificate\n')
  mkdirSync(a.at('/etc/cni/net.d'))
  writeFileSync(a.at('/etc/cni/net.d/99-mine.conflist'), '{ "plugins": [{ "type": "flatnet-cni" }] }')
  const before = withoutJournal(picture(a))
  refused(t, await join(a, added), /host\.crt: was not put there by join; to replace it .*--replace/)
  t.same(withoutJournal(picture(a)), before)

  const said = await join(a, added, '--replace')
  t.equal(said.exitCode, 0, said.stderr)
  t.match(said.stdout, /kept a copy of \/etc\/nebula\/config\.yml: \/var\/lib\/flatnet\/join\/before\/\d+/)
  t.notOk(existsSync(a.at('/etc/cni/net.d/10-flatnet.conflist')), 'a network of theirs is used')
  writeFileSync(a.at('/etc/flatnet/flatnet.json'), '{}\n')
  t.equal((await a.exec(['flatnet-cni', 'leave'])).exitCode, 0)
  t.match(readText(a.at('/etc/flatnet/flatnet.json.saved-by-leave')), '{}')
  const { [`/own/etc/flatnet/flatnet.json.saved-by-leave`]: _, ...rest } = withoutJournal(picture(a))
  t.same(rest, before)
})

t.test('podman 4 takes networks of CNI where that is asked for', { skip: skip || noPodman4() }, async (t) => {
  const office = await makeTestOffice(t)
  const added = await office.add('host-a')
  const { a } = await makeMachines(t, { a: 11 })
  const backend = async (): Promise<string> => {
    const store = ['--storage-driver', 'vfs', '--root', '/run/store', '--runroot', '/run/store-run']
    await a.exec(['rm', '-rf', '/run/store', '/run/store-run'])
    const call = ['podman', ...store, 'info', '--format', '{{.Host.NetworkBackend}}']
    const { stdout, stderr } = await a.exec(call, { check: false })
    return (stdout + stderr).trim()
  }
  await a.exec(['mkdir', '-p', '/etc/containers'])
  const settings = '[network]\nnetwork_backend = "netavark"\n'
  await a.exec(['tee', '/etc/containers/containers.conf'], { input: settings })
  t.not(await backend(), 'cni')
  t.equal((await join(a, added)).exitCode, 0)
  t.not(await backend(), 'cni', 'nothing is set by itself')
  t.equal((await join(a, added, '--containers-conf')).exitCode, 0)
  t.equal(await backend(), 'cni')
  t.equal((await a.exec(['flatnet-cni', 'leave'])).exitCode, 0)
  t.not(await backend(), 'cni')
})

t.test('a podman without CNI is not told to use it', { skip }, async (t) => {
  const office = await makeTestOffice(t)
  const added = await office.add('host-a')
  const { a } = await makeMachines(t, { a: 11 })
  const path = a.at('/opt/cni/bin/podman')
  for (const [version, says] of [
    ['5.4.2', /podman 5\.4\.2 has no CNI.*podman network create -d flatnet-cni flatnet/],
    ['3.4.4', /podman 3\.4\.4 knows CNI alone/],
  ] as const) {
    writeFileSync(path, `#!/bin/sh\necho podman version ${version}\n`, { mode: 0o755 })
    const call = ['env', `PATH=/opt/cni/bin:${a.env['PATH'] ?? ''}`, 'flatnet-cni', 'join', '/etc/bundle']
    writeFileSync(a.at('/etc/bundle'), readFileSync(added.file))
    const said = await a.exec([...call, '--containers-conf'], {
      check: false,
      input: `${added.code ?? ''}\n`,
    })
    refused(t, said, says)
  }
  t.notOk(existsSync(a.at('/etc/nebula/ca.crt')), 'nothing was put anywhere')
})

t.test('bundles that do not belong on the host', { skip }, async (t) => {
  const [office, other] = [await makeTestOffice(t), await makeTestOffice(t)]
  const [one, b] = [await office.add('host-a'), await office.add('host-b')]
  const two = await office.add('host-a', '--again', '--out', 'two')
  const plain = await office.add('host-c', '--plain')
  const foreign = await other.add('host-a')
  const { a } = await makeMachines(t, { a: 11 })

  refused(
    t,
    await join(a, { ...one, code: two.code }),
    /bundle does not open[^]*the code belongs to another bundle/,
  )
  refused(t, await join(a, { ...one, code: 'babad' }), /code mistyped[^]*it has 1 words/)
  refused(t, await join(a, { ...one, code: null }), /the bundle needs its code/)
  refused(t, await a.exec(['flatnet-cni', 'join', '/nowhere'], { check: false }), /\/nowhere: no such file/)
  const text = readFileSync(one.file, 'utf8')
  const damages = [text.slice(0, 500), text.replace('"host":"host-a"', '"host":"host-x"'), '{}', '\u0000']
  for (const damaged of damages) {
    writeFileSync(joinPath(office.desk, 'damaged'), damaged)
    refused(
      t,
      await join(a, { ...one, file: joinPath(office.desk, 'damaged') }),
      /not a bundle|bundle does not open|bundle not readable/,
    )
  }
  t.notOk(existsSync(a.at('/etc/nebula/ca.crt')), 'nothing was put anywhere')
  writeFileSync(a.at('/etc/bundle'), text)
  const call = ['/opt/cni/bin/flatnet-cni', 'join', '/etc/bundle', one.code ?? '']
  const asNobody = ['setpriv', '--reuid=65534', '--clear-groups', ...call]
  refused(t, await a.exec(asNobody, { check: false }), /root is needed/)
  const withoutNebula = ['env', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', ...call]
  refused(t, await a.exec(withoutNebula, { check: false }), /nebula missing[^]*install Nebula 1\.9\.7/)
  t.notOk(existsSync(a.at('/etc/nebula/ca.crt')), 'nothing was put anywhere')

  t.equal((await join(a, two)).exitCode, 0)
  refused(t, await join(a, one), /bundle too old/)
  refused(t, await join(a, b), /bundle of another host[^]*this host is host-a of flatnet/)
  refused(t, await join(a, plain), /bundle of another host/)
  refused(t, await join(a, foreign), /bundle of another office/)
  const newest = await office.add('host-a', '--again', '--out', 'three')
  const renewed = await join(a, newest)
  t.equal(renewed.exitCode, 0, renewed.stderr)
  t.match(renewed.stdout, /^replace +0600 +root +\/etc\/nebula\/host\.key/m)
})

t.test('killed at any point, the next join ends where it should, and leave too', { skip }, async (t) => {
  const office = await makeTestOffice(t)
  await office.add('host-b')
  const added = await office.add('host-a')
  const { a } = await makeMachines(t, { a: 11 })
  writeFileSync(a.at('/etc/nebula/config.yml'), 'mine: true\n')
  const bare = withoutJournal(picture(a))
  await join(a, added)
  const whole = withoutJournal(picture(a))
  await a.exec(['flatnet-cni', 'leave'])
  t.same(withoutJournal(picture(a)), bare)
  for (const [syscall, nth] of [
    ...points('fsync', 40, 8),
    ...points('rename', 12, 5),
    ...points('mkdir', 4, 3),
  ]) {
    const point = `${syscall} ${String(nth)}`
    const kill = ['-e', `trace=${syscall}`, '-e', `inject=${syscall}:signal=SIGKILL:when=${String(nth)}`]
    const strace = ['strace', '-f', '-qq', '-o', '/dev/null', ...kill, 'flatnet-cni']
    const killed = await a.exec([...strace, 'join', '/etc/bundle', added.code ?? ''], { check: false })
    t.not(killed.exitCode, 0, `join killed at ${point}`)
    const said = await join(a, added)
    t.equal(said.exitCode, 0, said.stderr)
    t.same(withoutJournal(picture(a)), whole, `joined after a kill at ${point}`)
    await a.exec([...strace, 'leave'], { check: false })
    const left = await a.exec(['flatnet-cni', 'leave'], { check: false })
    t.match(left.exitCode === 0 ? 'not joined' : left.stderr, /not joined/, point)
    t.same(withoutJournal(picture(a)), bare, `left after a kill at ${point}`)
  }
})

function points(syscall: string, most: number, step: number): readonly (readonly [string, number])[] {
  return Array.from({ length: Math.ceil(most / step) }, (_, index) => [syscall, 1 + index * step] as const)
}

t.test('a full disk is named, and the next join goes on', { skip }, async (t) => {
  const office = await makeTestOffice(t)
  const added = await office.add('host-a')
  const { a } = await makeMachines(t, { a: 11 })
  await a.exec(['mount', '-t', 'tmpfs', '-o', 'size=16k', 'none', '/etc/flatnet'])
  await a.exec(['sh', '-c', 'head -c 20000 /dev/zero >/etc/flatnet/fill'], { check: false })
  refused(t, await join(a, added), /cannot write\n +\/etc\/flatnet\/.*free some space/)
  await a.exec(['rm', '/etc/flatnet/fill'])
  const said = await join(a, added)
  t.equal(said.exitCode, 0, said.stderr)
  t.match(said.stdout, /goes on where an earlier run stopped/)
  t.same((await a.exec(['ls', '-A', '/etc/flatnet'])).stdout.split('\n'), ['flatnet.json', 'peers.d'])
})
