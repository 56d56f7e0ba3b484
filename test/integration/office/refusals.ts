// What init and host add refuse, and what happens when they are stopped or run side by side.

import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { type Outcome, STANDARD_PATH } from '../../../scripts/lab/run.ts'
import { parseCertificates } from '../../../src/nebula/certificate/parse.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { makeDesk, makeTestOffice, officeFile } from '../../fixtures/office/office.ts'

const skip = whyNoHost() || whyNoLab()
const OFFICE_FILES = ['ca.crt', 'ca.key', 'ledger.jsonl', 'plan.json']
// Around both lines of the ledger, the folder of the new key, and the bundle.
const KILLS: readonly (readonly [syscall: string, nth: number])[] = [
  ['fsync', 1],
  ['fsync', 2],
  ['fsync', 3],
  ['fsync', 4],
  ['mkdir', 2],
  ['rename', 1],
]

function refused(t: Test, said: Outcome, says: RegExp): void {
  t.not(said.exitCode, 0)
  t.match(said.stderr, says)
  t.notMatch(said.stdout + said.stderr, /\n\s+at |node:internal/, 'no stack trace')
}

t.test('nothing is left of an office that could not be made', { skip }, async (t) => {
  const desk = await makeDesk(t)
  const cases: readonly (readonly [args: readonly string[], says: RegExp, env?: Record<string, string>])[] = [
    [[], /nebula-cert missing/, { PATH: STANDARD_PATH }],
    [['--overlay', '10.87.0.0/16'], /overlap/],
    [['--pool', '10.86.4.0/24'], /pool: 10\.86\.4\.0\/24 and the overlay network 10\.86\.0\.0\/16 overlap/],
    [['--pool', '10.86.4.0'], /--pool needs an IPv4 network/],
    [['--subnet', '40'], /--subnet needs a whole number/],
    [['--lighthouse', 'a b'], /--lighthouse: "a b"/],
    [['--plain'], /--plain goes with --lighthouse/],
    [['--ipv6', '--cert-version', '1'], /--ipv6 needs certificates of version 2/],
  ]
  for (const [args, says, env] of cases)
    refused(t, await desk.cli(['init', ...args], env === undefined ? {} : { env }), says)
  await desk.netns.batch(['link add docker0 type bridge', 'address add 10.87.3.1/24 dev docker0'])
  refused(t, await desk.cli(['init']), /10\.87\.0\.0\/16 overlaps 10\.87\.3\.0\/24 on docker0 \(Docker\)/)
  t.same(readdirSync(desk.desk), [])
})

t.test('an old nebula-cert is refused', { skip: skip || whyNoLab('1.6') }, async (t) => {
  refused(t, await (await makeDesk(t, '1.6')).cli(['init']), /nebula-cert is version 1\.6\.1, too old/)
  const desk = await makeDesk(t, '1.9')
  refused(t, await desk.cli(['init', '--ipv6']), /--ipv6 needs nebula-cert 1\.10 or newer, this is 1\.9/)
  t.equal((await desk.cli(['init', '--lighthouse', '192.168.1.5'])).exitCode, 0)
  const [certificate] = parseCertificates(officeFile(desk, 'ca.crt'), 'ca.crt')
  t.match(certificate, { version: 1, isCa: true, curve: 'CURVE25519' })
})

t.test('an office with P-256, IPv6 and an encrypted key', { skip }, async (t) => {
  const desk = await makeDesk(t)
  const input = 'correct horse battery\n'
  refused(t, await desk.cli(['init', '--encrypt-key'], { input: 'short\n' }), /passphrase is too short/)
  const args = ['init', '--encrypt-key', '--ipv6', '--curve', 'P256', '--lighthouse', '198.18.0.1']
  const made = await desk.cli(args, { input })
  t.equal(made.exitCode, 0, made.stderr)
  t.match(officeFile(desk, 'ca.key'), /ENCRYPTED PRIVATE KEY/)
  refused(
    t,
    await desk.cli(['host', 'add', 'host-a'], { input: '' }),
    /encrypted and no passphrase was given/,
  )
  refused(
    t,
    await desk.cli(['host', 'add', 'host-a'], { input: 'wrong horse battery\n' }),
    /nebula-cert refused/,
  )
  const added = await desk.cli(['host', 'add', 'host-a', '--again', '--json'], { input })
  t.equal(added.exitCode, 0, added.stderr)
  t.match(JSON.parse(added.stdout), {
    overlay: ['10.86.1.1/16', /^fd.*::1:1\/64$/],
    subnets: ['10.87.1.0/24', /^fd.*:8001::\/64$/],
  })
  for (const said of [made, added]) t.notMatch(said.stdout + said.stderr, 'horse')
})

t.test('an office that others can read is refused', { skip }, async (t) => {
  const office = await makeTestOffice(t)
  for (const name of ['', 'plan.json', 'ledger.jsonl', 'ca.crt', 'ca.key'])
    t.equal(statSync(join(office.folder, name)).mode & 0o077, 0, name)
  chmodSync(office.folder, 0o755)
  refused(t, await office.cli(['host', 'list']), /has mode 755, so other users can read it: chmod 700/)
  chmodSync(office.folder, 0o700)
  chmodSync(join(office.folder, 'ca.key'), 0o640)
  refused(t, await office.cli(['host', 'add', 'host-a']), /ca\.key: has mode 640.*chmod 600/)
  chmodSync(join(office.folder, 'ca.key'), 0o600)
  refused(t, await office.cli(['init']), /is an office already/)
  refused(t, await office.cli(['host', 'list', '--office', '/nowhere']), /\/nowhere: no such folder/)
})

t.test('names are used once, and the pool ends', { skip }, async (t) => {
  const office = await makeTestOffice(t, { args: ['--pool', '10.87.0.0/22'] })
  const first = await office.add('host-a', '--group', 'web')
  t.match(first, { overlay: ['10.86.1.1/16'], subnets: ['10.87.1.0/24'], code: /^([a-z]{5}-){8}[a-z]{5}$/ })
  t.equal(statSync(first.file).mode & 0o777, 0o600)
  t.notMatch(readFileSync(first.file, 'utf8'), 'PRIVATE')
  refused(t, await office.cli(['host', 'add', 'host-a']), /file exists/)
  refused(t, await office.cli(['host', 'add', 'host-a', '--out', 'x']), /name taken[^]*--again/)
  t.notOk(existsSync(join(office.desk, 'x')))
  const again = await office.add('host-a', '--again', '--out', 'x')
  t.same([again.overlay, again.subnets], [first.overlay, first.subnets])
  t.not(again.code, first.code)
  refused(
    t,
    await office.cli(['host', 'add', 'host-a', '--again', '--group', 'y', '--out', 'y']),
    /--again keeps/,
  )
  refused(t, await office.cli(['host', 'add', 'nobody', '--again']), /nobody was never added/)
  refused(t, await office.cli(['host', 'add', 'Host']), /host name not usable/)
  refused(t, await office.cli(['host', 'add', 'lh-2', '--lighthouse']), /a lighthouse needs --address/)
  await office.add('host-b')
  await office.add('host-c', '--plain')
  refused(
    t,
    await office.cli(['host', 'add', 'host-d']),
    /all 3 host subnets of 10\.87\.0\.0\/22 were assigned/,
  )
  const list = await office.cli(['host', 'list', '--json'])
  t.match(JSON.parse(list.stdout), {
    version: 1,
    hosts: [
      { name: 'lighthouse', role: 'lighthouse', subnets: [] },
      { name: 'host-a', state: 'valid', daysLeft: 729 },
      {},
      {},
    ],
  })
  t.match(
    (await office.cli(['host', 'list'])).stdout,
    /^host-a +host +10\.86\.1\.1\/16 +10\.87\.1\.0\/24 +729 +valid$/m,
  )
})

t.test('a host needs a lighthouse first', { skip }, async (t) => {
  const desk = await makeDesk(t)
  const made = await desk.cli(['init'])
  t.match(made.stdout, /Back up .*flatnet-office/)
  t.match(made.stdout, /Next: flatnet-cni host add lighthouse --lighthouse --address ADDRESS/)
  refused(t, await desk.cli(['host', 'add', 'host-a']), /no lighthouse[^]*add it first/)
})

t.test('eight people add hosts together: each gets addresses of its own', { skip }, async (t) => {
  const office = await makeTestOffice(t)
  const names = Array.from({ length: 8 }, (_, index) => `host-${String(index)}`)
  const added = await Promise.all(names.map((name) => office.add(name)))
  t.equal(new Set(added.flatMap(({ overlay, subnets }) => [...overlay, ...subnets])).size, 16)
  const twins = await Promise.all(
    [1, 2].map((at) => office.cli(['host', 'add', 'twin', '--out', `twin-${String(at)}`])),
  )
  t.equal(twins.filter(({ exitCode }) => exitCode === 0).length, 1, 'of two with one name one succeeds')
  const { hosts } = JSON.parse((await office.cli(['host', 'list', '--json'])).stdout) as {
    hosts: { state: string }[]
  }
  t.equal(hosts.filter(({ state }) => state === 'valid').length, 10)
})

t.test('a damaged ledger is named, and an unfinished line counts for nothing', { skip }, async (t) => {
  const office = await makeTestOffice(t)
  const ledger = join(office.folder, 'ledger.jsonl')
  const whole = readFileSync(ledger, 'utf8')
  writeFileSync(ledger, whole.replace('lighthouse', 'lighthousf'))
  const says = /ledger\.jsonl, line 2: does not follow the line before it/
  refused(t, await office.cli(['host', 'add', 'host-a']), says)
  writeFileSync(ledger, `${whole}{"version":1,"previ`)
  await office.add('host-a')
  t.equal(officeFile(office, 'ledger.jsonl').slice(0, whole.length), whole, 'nothing before is touched')
})

// The office is copied onto a small filesystem, which is filled up.
const FULL = `mkdir -p full && mount -t tmpfs -o size=64k none full && cp -a flatnet-office full/office
head -c 100000 /dev/zero >full/fill 2>/dev/null
"$@"
code=$?
ls -A full full/office >&2
exit $code`

t.test('a full disk is named, and leaves no key behind', { skip }, async (t) => {
  const office = await makeTestOffice(t)
  const prefix = ['unshare', '--mount', 'sh', '-c', FULL, 'sh']
  const officeFull = await office.cli(['host', 'add', 'host-a', '--office', 'full/office'], { prefix })
  refused(t, officeFull, /free some space|no space left/)
  t.match(officeFull.stderr, `full/office:\n${OFFICE_FILES.join('\n')}`)
  const bundleFull = await office.cli(['host', 'add', 'host-a', '--out', 'full/x'], { prefix })
  refused(t, bundleFull, /bundle not written[^]*free some space[^]*host add host-a --again/)
  t.match(bundleFull.stderr, 'full:\nfill\noffice\n', 'no half of a bundle')
  t.equal((await office.add('host-a', '--again')).name, 'host-a')
})

t.test('killed at any point, the next command goes on', { skip }, async (t) => {
  const office = await makeTestOffice(t)
  for (const [index, [syscall, nth]] of KILLS.entries()) {
    const name = `host-${String(index)}`
    const inject = `inject=${syscall}:signal=SIGKILL:when=${String(nth)}`
    const prefix = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${syscall}`, '-e', inject]
    const killed = await office.cli(['host', 'add', name], { prefix })
    t.not(killed.exitCode, 0, `${syscall} ${String(nth)}`)
    const plainly = await office.cli(['host', 'add', name])
    if (plainly.exitCode !== 0) {
      t.match(plainly.stderr, new RegExp(`host add ${name} --again|${name}.flatnet: is there already`))
      // Its code was never shown.
      rmSync(join(office.desk, `${name}.flatnet`), { force: true })
      await office.add(name, '--again')
    }
    t.same(readdirSync(office.folder).toSorted(), OFFICE_FILES, 'no key is left')
  }
  const bundles = KILLS.map((_, index) => `host-${String(index)}.flatnet`)
  t.same(readdirSync(office.desk).toSorted(), ['flatnet-office', ...bundles, 'lighthouse.flatnet'].toSorted())
})
