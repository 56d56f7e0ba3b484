// A host without Nebula joins by code: the office sends the programs.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { nebulaFolder } from '../../../scripts/lab/nebula/packages.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { type Outcome, STANDARD_PATH } from '../../../scripts/lab/run.ts'
import { hashOfFile } from '../../../src/state/joined/places.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { invite, type Invited, joinByCode, ledgerOf, OFFICE } from '../../fixtures/office/invitations.ts'
import { switchOn, waitForPings } from '../../fixtures/office/joined.ts'
import { type Machine, makeMachines } from '../../fixtures/office/machines.ts'

const skip = whyNoHost() || whyNoLab()

const PROGRAMS = ['/usr/local/bin/nebula', '/usr/local/bin/nebula-cert'] as const
const FOLDER = '/var/lib/flatnet/join/programs'

/** Joins by code where Nebula is on no path. */
function joinBare(
  machine: Machine,
  invited: Invited,
  prefix: readonly string[],
  ...options: readonly string[]
) {
  const { address, port, code } = invited
  const path = `PATH=${STANDARD_PATH}`
  const call = ['/opt/cni/bin/flatnet-cni', 'join', `${address}:${String(port)}`, '-', ...options]
  return machine.exec(['env', path, ...prefix, ...call], { check: false, input: `${code}\n` })
}

async function hashes(machine: Machine): Promise<string> {
  return (await machine.exec(['sha256sum', ...PROGRAMS], { check: false })).stdout
}

t.test('an office hands out Nebula', { skip }, async (t) => {
  const { office, a } = await makeMachines(t, { office: 1, a: 11 })
  // The lab's machines share the folder of programs with the machine that runs the tests.
  await a.exec(['mount', '-t', 'tmpfs', 'none', '/usr/local/bin'])
  await office.exec(['flatnet-cni', 'init', OFFICE])
  const lighthouse = await invite(t, office, 'lighthouse', '--lighthouse')
  t.equal((await joinByCode(office, lighthouse)).exitCode, 0)
  await lighthouse.ended
  await switchOn(office)

  await t.test('only for the processor of the host', async (t) => {
    const foreign = office.at('/etc/flatnet/arm64')
    mkdirSync(foreign)
    const { error } = await invite(t, office, 'host-a', '--nebula', '/etc/flatnet/arm64').then(
      () => ({ error: '' }),
      (error: unknown) => ({ error: String(error) }),
    )
    t.match(error, /\/etc\/flatnet\/arm64\/nebula: .*ENOENT|no such file/i)
    for (const name of ['nebula', 'nebula-cert']) {
      const head = Buffer.from(readFileSync(join(nebulaFolder('1.11'), name)).subarray(0, 64))
      head.writeUInt16LE(process.arch === 'arm64' ? 62 : 183, 18)
      writeFileSync(join(foreign, name), head)
    }
    const inviting = await invite(t, office, 'host-a', '--nebula', '/etc/flatnet/arm64')
    const said = await joinBare(a, inviting, [])
    t.not(said.exitCode, 0)
    t.match(said.stderr, /no Nebula for this host[^]*run host invite with --nebula DIR/)
    t.notMatch(ledgerOf(office), 'host-a', 'nothing was signed')
    await inviting.interrupt()
    await inviting.ended
  })

  await t.test('a plan gets none of them', async (t) => {
    const inviting = await invite(t, office, 'host-a')
    const planned = await joinBare(a, inviting, [], '--dry-run')
    t.equal(planned.exitCode, 0, planned.stderr)
    for (const path of PROGRAMS)
      t.match(planned.stdout, new RegExp(`^create +0755 +root +${path} +from the office$`, 'm'))
    t.not((await a.exec(['ls', FOLDER], { check: false })).exitCode, 0)
    t.equal(await hashes(a), '')
    await inviting.interrupt()
    await inviting.ended
  })

  await t.test('killed while they come and in between, the next run has them', async (t) => {
    const inviting = await invite(t, office, 'host-a')
    for (const nth of [1, 3]) {
      const kill = ['-e', 'trace=fsync', '-e', `inject=fsync:signal=SIGKILL:when=${String(nth)}`]
      const killed: Outcome = await joinBare(a, inviting, ['strace', '-f', '-qq', '-o', '/dev/null', ...kill])
      t.not(killed.exitCode, 0, `killed at ${String(nth)}`)
    }
    const said = await joinBare(a, inviting, [])
    t.equal(said.exitCode, 0, `${said.stdout}\n${said.stderr}`)
    const end = await inviting.ended
    t.match(end, { exitCode: 0, stderr: /198\.18\.0\.11: gets nebula-cert/ })
    const sent = ['nebula', 'nebula-cert'].map((name) => hashOfFile(join(nebulaFolder('1.11'), name)))
    t.same(
      (await hashes(a)).trim().split('\n'),
      PROGRAMS.map((path, index) => `${sent[index] ?? ''}  ${path}`),
    )
    t.not((await a.exec(['ls', FOLDER], { check: false })).exitCode, 0, 'each has one place')
  })

  await t.test('Nebula runs from there, and leave takes it away', async (t) => {
    await switchOn(a)
    await waitForPings('a ping to the lighthouse', [[a, '10.86.0.1']], true)
    const { stdout } = await a.exec(['sh', '-c', 'readlink /proc/$(cat /run/flatnet/nebula.pid)/exe'])
    t.equal(stdout.trim(), PROGRAMS[0])
    t.equal((await a.exec(['flatnet-cni', 'leave'])).exitCode, 0)
    t.equal(await hashes(a), '')
  })
})
