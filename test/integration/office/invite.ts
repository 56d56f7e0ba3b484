// Joining by code: the office invites, bare machines join over the LAN, and what comes between them is
// survived.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import t, { type Test } from 'tap'
import { type Outcome, waitUntil } from '../../../scripts/lab/run.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { invite, inviteWith, joinByCode, ledgerOf, OFFICE } from '../../fixtures/office/invitations.ts'
import { type Machine, makeMachines } from '../../fixtures/office/machines.ts'

const skip = whyNoHost() || whyNoLab()

function refused(t: Test, said: Outcome, says: RegExp): void {
  t.not(said.exitCode, 0)
  t.match(said.stderr, says)
  t.notMatch(said.stdout + said.stderr, /\n\s+at |node:internal|PRIVATE KEY/, 'no stack trace and no key')
}

async function start(machine: Machine): Promise<void> {
  await machine.exec(['/opt/cni/bin/flatnet-start.sh', 'start'])
}

t.test('an office invites, and bare hosts join by code to the first ping', { skip }, async (t) => {
  const began = performance.now()
  const machines = await makeMachines(t, { office: 1, a: 11, b: 12 })
  const { office, a, b } = machines
  await office.exec(['flatnet-cni', 'init', OFFICE])

  await t.test('a host needs a lighthouse first, and the lighthouse may be the office machine', async (t) => {
    refused(t, await inviteWith(office, 'host-a').ended, /no lighthouse/)
    const invited = await invite(t, office, 'lighthouse', '--lighthouse')
    t.match(invited, { address: '198.18.0.1', port: 4290, code: /^([a-z]{5}-){8}[a-z]{5}$/ })
    t.equal(invited.line, `flatnet-cni join 198.18.0.1 ${invited.code}`, 'one line to type')
    const said = await office.exec(invited.line.split(' '), { check: false })
    t.equal(said.exitCode, 0, `${said.stdout}\n${said.stderr}`)
    const end = await invited.ended
    t.match(end, { exitCode: 0, stdout: /"event":"joined"/ })
    t.match(end.stderr, /TCP port 4290 .*firewall.*ufw allow 4290\/tcp/)
    t.match(end.stdout, /"endpoints":\["198\.18\.0\.1:4242"\]/, 'at the address that it called from')
    await start(office)
  })

  await t.test('two invitations wait side by side, each for its own host', async (t) => {
    const [one, two] = [await invite(t, office, 'host-a'), await invite(t, office, 'host-b')]
    t.same([one.port, two.port], [4290, 4291])
    refused(
      t,
      await inviteWith(office, 'host-a').ended,
      /invitation waits already[^]*process \d+ waits for host-a/,
    )

    refused(t, await joinByCode(b, { ...two, port: one.port }), /code refused[^]*host invite NAME/)
    t.notOk(existsSync(b.at('/etc/nebula/host.key')), 'nothing was put there')

    const planned = await joinByCode(a, one, '--dry-run')
    t.match(
      planned,
      { exitCode: 0, stdout: /^create +0600 +root +\/etc\/nebula\/host\.key/m },
      planned.stderr,
    )
    t.notOk(existsSync(a.at('/var/lib/flatnet/join')), 'a plan leaves nothing')
    t.notMatch(ledgerOf(office), 'host-a', 'and signs nothing')

    const [first, second] = await Promise.all([joinByCode(a, one), joinByCode(b, two)])
    t.equal(first.exitCode, 0, `${first.stdout}\n${first.stderr}`)
    t.equal(second.exitCode, 0, `${second.stdout}\n${second.stderr}`)
    t.match(await one.ended, { exitCode: 0, stderr: /198\.18\.0\.12: a wrong code/ })
    t.match(await two.ended, { exitCode: 0, stdout: /"subnets":\["10\.87\.\d\.0\/24"\]/ })
    refused(t, await joinByCode(a, one), /no invitation waits there[^]*it was used up/)
    for (const machine of [a, b]) {
      t.notOk(existsSync(machine.at('/var/lib/flatnet/join/enrolment.json')), 'the key has one place')
      t.equal(statSync(machine.at('/etc/nebula/host.key')).mode & 0o777, 0o600)
    }
    t.same(readdirSync(office.at(OFFICE)).toSorted(), ['ca.crt', 'ca.key', 'ledger.jsonl', 'plan.json'])
    for (const machine of [a, b])
      t.notMatch(ledgerOf(office), readFileSync(machine.at('/etc/nebula/host.key'), 'utf8').split('\n')[1])
  })

  await t.test('Nebula connects them', async (t) => {
    await start(a)
    await start(b)
    const { stdout } = await b.exec(['ip', '-4', '-o', 'address', 'show', 'nebula1'])
    const [, overlay = ''] = / inet ([\d.]+)\//.exec(stdout) ?? []
    await waitUntil('a ping through Nebula', 60_000, async () => {
      const said = await a.exec(['ping', '-c', '1', '-W', '1', overlay], { check: false })
      return said.exitCode === 0
    })
    t.comment(`from nothing to the first ping by code: ${((performance.now() - began) / 1000).toFixed(0)} s`)
  })

  await t.test('names are taken, and a host that is set up anew gets a new key', async (t) => {
    refused(t, await inviteWith(office, 'host-a').ended, /name taken[^]*--again/)
    refused(t, await inviteWith(office, 'nobody', '--again').ended, /nobody was never added/)
    const before = readFileSync(a.at('/etc/nebula/host.key'), 'utf8')
    const again = await invite(t, office, 'host-a', '--again')
    const said = await joinByCode(a, again)
    t.match(said.stdout, /^replace +0600 +root +\/etc\/nebula\/host\.key/m)
    t.not(readFileSync(a.at('/etc/nebula/host.key'), 'utf8'), before)
    t.equal((await again.ended).exitCode, 0)
    t.equal((await a.exec(['flatnet-cni', 'leave'], { check: false })).exitCode, 0)
    t.notOk(existsSync(a.at('/var/lib/flatnet/join')), 'no trace')
  })
})
