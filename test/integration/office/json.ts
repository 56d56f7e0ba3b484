// docs/json.md has an example of what each command of the office and of set-up prints with --json. The real
// output has the keys of the example, neither more nor fewer.

import { copyFileSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { openPrinted, type Printed } from '../../fixtures/docs/json-examples.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { invite, joinByCode, OFFICE } from '../../fixtures/office/invitations.ts'
import { switchOn, waitForPings } from '../../fixtures/office/joined.ts'
import { type Machine, makeMachines } from '../../fixtures/office/machines.ts'

const skip = whyNoHost() || whyNoLab()
const CONFIG = '/etc/nebula/config.yml'
const OF_OFFICE = ['--office', OFFICE]
/** Keys that need systemd, or a kernel that lacks something. */
const ELSEWHERE = ['units[].unit', 'units[].change', 'kernel.lacks[].feature', 'kernel.lacks[].said']

type Machines = Readonly<Record<'lh' | 'a' | 'b', Machine>>
type See = (heading: string, machine: Machine, ...words: readonly string[]) => Promise<object>

/** Reads one document. @throws Error with what was said instead */
function documentOf({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): object {
  if (!stdout.startsWith('{')) throw new Error(stdout + stderr)
  const document = JSON.parse(stdout) as { readonly version?: unknown; readonly error?: unknown }
  if (document.version !== 1 || document.error !== undefined) throw new Error(stdout)
  return document
}

/** Runs a command in /etc, where a machine keeps its files. */
async function say(machine: Machine, words: readonly string[], code = ''): Promise<object> {
  const call = ['env', '--chdir=/etc', 'flatnet-cni', ...words, '--json']
  return documentOf(await machine.exec(call, { check: false, input: `${code}\n` }))
}

// `check` has a schema of its own.
const withoutCheck = (document: object): object => ({ ...document, check: null })

async function joinByBundle({ lh, a }: Machines, { saw }: Printed, see: See): Promise<void> {
  const made = await see('init', lh, 'init', OFFICE, '--lighthouse', '198.18.0.1')
  const { lighthouse } = made as { readonly lighthouse: { readonly code: string } }
  await say(lh, ['join', 'lighthouse.flatnet'], lighthouse.code)
  await switchOn(lh)

  const added = await see('host add', lh, 'host', 'add', 'host-a', ...OF_OFFICE)
  copyFileSync(lh.at('/etc/host-a.flatnet'), a.at('/etc/host-a.flatnet'))
  writeFileSync(a.at(CONFIG), 'mine: true\n', { mode: 0o640 })
  symlinkSync('own.crt', a.at('/etc/nebula/host.crt'))
  const { code } = added as { readonly code: string }
  saw('join', withoutCheck(await say(a, ['join', 'host-a.flatnet', '--replace'], code)))
  await switchOn(a)
  await waitForPings('the lighthouse to answer', [[a, '10.86.0.1']], true)
}

async function joinBySpokenCode(t: Test, { lh, b }: Machines, { saw }: Printed): Promise<void> {
  const invited = await invite(t, lh, 'host-b')
  saw('join', documentOf(await joinByCode(b, invited, '--dry-run', '--json')))
  saw('join', withoutCheck(documentOf(await joinByCode(b, invited, '--json'))))
  const [waiting = '', joined = ''] = (await invited.ended).stdout.trim().split('\n')
  saw('host invite, the first line', documentOf({ stdout: waiting, stderr: '' }))
  saw('host invite, the last line', documentOf({ stdout: joined, stderr: '' }))
}

async function configure(t: Test, { b }: Machines, see: See): Promise<void> {
  const config = readFileSync(b.at(CONFIG), 'utf8')
  writeFileSync(b.at(CONFIG), `${config.replace('use_relays: true', 'use_relays: false')}\nmine: true\n`)
  await see('nebula config', b, 'nebula', 'config')
  const compared = await see('nebula config --write', b, 'nebula', 'config', '--diff')
  const written = await see('nebula config --write', b, 'nebula', 'config', '--write')
  t.match(written, compared, 'the same differences')
  await see('http-gateway install and http-gateway uninstall', b, 'http-gateway', 'uninstall')
  if (!existsSync('/usr/sbin/nginx')) return
  await see('http-gateway install and http-gateway uninstall', b, 'http-gateway', 'install', '--dry-run')
  await see('http-gateway render', b, 'http-gateway', 'render')
}

async function decide(t: Test, { lh, a }: Machines, see: See): Promise<void> {
  t.match(await see('host renew', lh, 'host', 'renew', 'lighthouse', ...OF_OFFICE), {
    handedOver: { renewed: { next: null } },
  })
  await see('host renew', lh, 'host', 'renew', 'host-a', '--group', 'ci', ...OF_OFFICE)
  await waitUntil('a certificate to wait on host-a', 60_000, async () =>
    (await a.exec(['flatnet-cni', 'status'], { check: false })).stdout.includes('waits for your consent'),
  )
  await see('host accept', a, 'host', 'accept')
  const rotate = ['ca', 'rotate', ...OF_OFFICE]
  const list = (): Promise<object> => see('statement list', lh, 'statement', 'list')
  await see('ca rotate', lh, ...rotate)
  await list()
  // It waits, because host-b does not run.
  t.match(await see('ca rotate', lh, ...rotate), { outcome: 'waits', lacking: [{ name: 'host-b' }] })
  const revoked = await see('host revoke', lh, 'host', 'revoke', 'host-b', ...OF_OFFICE)
  t.match(revoked, { statement: { revoked: [{ notAfter: /^\d{4}-\d\d-\d\dT[0-9:.]+Z$/ }] } })
  await see('host list', lh, 'host', 'list', ...OF_OFFICE)
  copyFileSync(lh.at(`${OFFICE}/revocation.statement`), a.at('/etc/revocation.statement'))
  await see('statement import', a, 'statement', 'import', 'revocation.statement')
  // Their statements are of other kinds, which `statement list` shows.
  await say(lh, rotate)
  t.match(await say(lh, rotate), { step: 3, outcome: 'taken', office: 'flatnet', folder: OFFICE })
  t.match(await see('ca status', lh, 'ca', 'status', ...OF_OFFICE), { step: 3 })
  await list()
}

t.test('the commands of the office print what the page shows', { skip }, async (t) => {
  const printed = openPrinted()
  const machines = await makeMachines(t, { lh: 1, a: 11, b: 12 })
  const see: See = async (heading, machine, ...words) => printed.saw(heading, await say(machine, words))
  await joinByBundle(machines, printed, see)
  await joinBySpokenCode(t, machines, printed)
  await configure(t, machines, see)
  await decide(t, machines, see)
  writeFileSync(machines.a.at('/etc/flatnet/flatnet.json'), '{}\n')
  const { undo } = (await see('leave', machines.a, 'leave')) as { readonly undo: readonly object[] }
  t.ok(
    undo.some((step) => 'mode' in step && step.mode === '0640'),
    'modes are octal, as those of join',
  )
  printed.compare(t, ELSEWHERE)
})
