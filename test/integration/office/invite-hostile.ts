// What an invitation and a joining host meet besides each other: strangers, wrong codes, altered messages,
// wrong clocks, and a host that lacks something.

import { copyFileSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { nebulaFolder } from '../../../scripts/lab/nebula/packages.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { type Outcome, waitUntil } from '../../../scripts/lab/run.ts'
import { codeWords } from '../../../src/provision/bundle/code.ts'
import { frame } from '../../../src/provision/enrolment/frames.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { initOffice, invite, type Invited, joinByCode, ledgerOf } from '../../fixtures/office/invitations.ts'
import { type Machine, makeMachines } from '../../fixtures/office/machines.ts'

const skip = whyNoHost() || whyNoLab('1.6')
const STRANGERS = join(import.meta.dirname, '../../fixtures/office/strangers.ts')
const LOW_ORDER =
  `-----BEGIN NEBULA X25519 PUBLIC KEY-----\n${Buffer.alloc(32).toString('base64')}\n-----END ` +
  'NEBULA X25519 PUBLIC KEY-----\n'

function refused(t: Test, said: Outcome, says: RegExp): void {
  t.not(said.exitCode, 0)
  t.match(said.stderr, says)
  t.notMatch(said.stdout + said.stderr, /\n\s+at |node:internal|PRIVATE KEY/, 'no stack trace and no key')
}

async function stranger(machine: Machine, kind: string, ...args: readonly string[]): Promise<string> {
  return (await machine.exec([process.execPath, STRANGERS, kind, ...args])).stdout
}

t.test('strangers, wrong codes and altered messages', { skip }, async (t) => {
  const { office, a, b } = await makeMachines(t, { office: 1, a: 11, b: 12 })
  await initOffice(office)
  const invited = await invite(t, office, 'host-b')
  const where = [invited.address, String(invited.port)]
  const ledger = ledgerOf(office)

  t.match(await stranger(a, 'http', ...where), 'closed')
  t.match(await stranger(a, 'tls', ...where), /handshake failure|no protocols|unsupported protocol|alert/)
  t.match(await stranger(a, 'wrong', ...where, invited.code), /bad record mac/)
  const foreign = codeWords(Buffer.alloc(16, 7))
  refused(t, await joinByCode(a, { ...invited, code: foreign }), /code refused/)
  refused(t, await joinByCode(a, { ...invited, code: 'babad' }), /code mistyped[^]*it has 1 words/)
  refused(t, await joinByCode(a, { ...invited, code: '' }), /the invitation needs its code/)
  refused(t, await joinByCode(a, { ...invited, address: 'nowhere.invalid' }), /name unknown/)

  const say = (text: string): Promise<string> => stranger(a, 'say', ...where, invited.code, text)
  const cases: readonly (readonly [text: string, answer: RegExp])[] = [
    ['x'.repeat(10_000), /more than 4096 bytes/],
    ['{"version":1,"kind":"req', /closed/],
    ['[]\n', /not one object in JSON/],
    [frame({ version: 2, kind: 'preview' }), /another version of the protocol/],
    [frame({ version: 1, kind: 'reward' }), /unknown kind/],
    [frame({ version: 1, kind: 'request', publicKey: 'x' }), /has no PEM block/],
    [frame({ version: 1, kind: 'request', publicKey: LOW_ORDER }), /is not a point on CURVE25519/],
    [frame({ version: 1, kind: 'received', fingerprint: 'x' }), /certificate unknown/],
  ]
  for (const [text, answer] of cases) t.match(await say(text), answer, text.slice(0, 60))
  t.equal(ledgerOf(office), ledger, 'nothing was assigned or signed')

  const silent = a.start([process.execPath, STRANGERS, 'silent', ...where])
  let seen = ''
  silent.stdout?.on('data', (chunk: Buffer) => (seen += chunk.toString()))
  await waitUntil('twenty connections are open', 60_000, async () => seen.split('\n').length > 20)
  const said = await joinByCode(b, invited)
  t.equal(said.exitCode, 0, `beside twenty silent connections: ${said.stdout}\n${said.stderr}`)
  silent.kill('SIGKILL')
  const end = await invited.ended
  t.match(end, { exitCode: 0, stderr: /198\.18\.0\.11: a wrong code/ })
  t.match(end.stderr, /198\.18\.0\.11: not flatnet-cni/)
  t.notMatch(end.stderr + said.stderr + said.stdout, invited.code, 'the code is shown where it is asked for')
})

t.test('a host that is not ready gets nothing, and the code stays good', { skip }, async (t) => {
  const { office, a } = await makeMachines(t, { office: 1, a: 11 })
  await initOffice(office)
  const invited = await invite(t, office, 'host-a')
  const ledger = ledgerOf(office)
  mkdirSync(a.at('/etc/old'))
  copyFileSync(join(nebulaFolder('1.11'), 'nebula'), a.at('/etc/old/nebula'))
  symlinkSync(join(nebulaFolder('1.6'), 'nebula-cert'), a.at('/etc/old/nebula-cert'))
  const call = ['/opt/cni/bin/flatnet-cni', ...invited.line.split(' ').slice(1)]
  const attempt = (...before: readonly string[]): Promise<Outcome> =>
    a.exec([...before, ...call], { check: false })
  refused(t, await attempt('setpriv', '--reuid=65534', '--clear-groups'), /root is needed/)
  refused(
    t,
    await attempt('env', 'PATH=/etc/old:/usr/sbin:/usr/bin:/sbin:/bin'),
    /nebula-cert is version 1\.6\.1, too old/,
  )
  t.equal(ledgerOf(office), ledger, 'nothing was assigned or signed')
  t.equal((await joinByCode(a, invited)).exitCode, 0)
  t.equal((await invited.ended).exitCode, 0)
})

t.test('an office that is none of ours, or whose clock differs', { skip }, async (t) => {
  const { office, a } = await makeMachines(t, { office: 1, a: 11 })
  const code = codeWords(Buffer.alloc(16, 9))
  const hello = (more: object): string =>
    frame({
      version: 1,
      kind: 'hello',
      office: 'flatnet',
      name: 'host-a',
      curve: 'CURVE25519',
      authority: 'ab'.repeat(32),
      time: Math.floor(Date.now() / 1000),
      ...more,
    })
  const now = Math.floor(Date.now() / 1000)
  const cases: readonly (readonly [text: string, says: RegExp])[] = [
    [hello({ time: now + 3600 }), /clocks differ[^]*1 h 0 min behind the office's[^]*not be valid yet/],
    [hello({ time: now - 7200 }), /clocks differ[^]*2 h 0 min ahead of the office's/],
    [hello({}), /connection lost/],
    [hello({ name: '../x' }), /host name not usable/],
    [
      `${frame({ version: 1, kind: 'refused', message: 'x\u001b[31m', details: 'y' })}`,
      /the office refuses: x\?/,
    ],
    ['{"version":1,"kind":"hel', /a message was cut off/],
    [`${hello({})}${frame({ version: 1, kind: 'preview', bundle: {} })}`, /version: needs 1/],
    ['', /connection lost/],
  ]
  for (const [index, [text, says]] of cases.entries()) {
    const port = 4300 + index
    const fake = office.start([process.execPath, STRANGERS, 'office', String(port), code, text])
    await new Promise((resolve) => fake.stdout?.once('data', resolve))
    const target: Invited = { line: '', address: '198.18.0.1', port, code }
    const said = await joinByCode(a, target)
    refused(t, said, says)
    t.notMatch(said.stderr, '\u001b', 'nothing for the terminal')
    fake.kill('SIGKILL')
  }
  t.notOk(existsSync(a.at('/etc/nebula/host.key')))
  t.notOk(existsSync(a.at('/var/lib/flatnet/join')), 'no key was made')
})
