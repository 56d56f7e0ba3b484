// Joining by code with either side killed at the worst moments, and ended by Ctrl-C.

import { existsSync, readdirSync } from 'node:fs'
import t from 'tap'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import {
  initOffice,
  invite,
  inviteWith,
  joinByCode,
  ledgerOf,
  OFFICE,
} from '../../fixtures/office/invitations.ts'
import { type Machine, makeMachines } from '../../fixtures/office/machines.ts'

const skip = whyNoHost() || whyNoLab()
const OFFICE_FILES = ['ca.crt', 'ca.key', 'ledger.jsonl', 'plan.json']

// With the key on the disk, with the bundle, and with the office's confirmation not noted yet.
const HOST_KILLS = [2, 4, 5]
// Before a code is shown, between the two lines of the ledger, and where the code is used up.
const OFFICE_KILLS: readonly (readonly [name: string, syscall: string, nth: number])[] = [
  ['early', 'fsync', 3],
  ['assigned', 'fsync', 5],
  ['confirmed', 'unlink', 1],
]

function killedBy(syscall: string, nth: number, path?: string): readonly string[] {
  const only = path === undefined ? [] : ['-P', path]
  const inject = `inject=${syscall}:signal=SIGKILL:when=${String(nth)}`
  return ['strace', '-f', '-qq', '-o', '/dev/null', ...only, '-e', `trace=${syscall}`, '-e', inject]
}

function signatures(office: Machine, name: string): number {
  const lines = ledgerOf(office).split('\n')
  return lines.filter((line) => line.includes('"kind":"sign"') && line.includes(`"name":"${name}"`)).length
}

t.test('the host is killed: the same line goes on', { skip }, async (t) => {
  const { office, a } = await makeMachines(t, { office: 1, a: 11 })
  await initOffice(office)
  for (const nth of HOST_KILLS) {
    const [name, point] = [`host-${String(nth)}`, `fsync ${String(nth)}`]
    const invited = await invite(t, office, name)
    const killed = await a.exec([...killedBy('fsync', nth), ...invited.line.split(' ')], { check: false })
    t.not(killed.exitCode, 0, `killed at ${point}`)
    const said = await joinByCode(a, invited)
    t.equal(said.exitCode, 0, `${point}: ${said.stdout}\n${said.stderr}`)
    t.equal((await invited.ended).exitCode, 0, `${point}: the office heard of it`)
    t.equal(signatures(office, name), 1, 'one certificate')
    t.notOk(
      readdirSync(a.at('/var/lib/flatnet/join')).find((each) => each.startsWith('.tmp')),
      'no key beside',
    )
    t.equal((await a.exec(['flatnet-cni', 'leave'])).exitCode, 0)
    t.notOk(existsSync(a.at('/var/lib/flatnet/join')), 'no trace')
  }
})

t.test('the office is killed: the same command goes on with the same code', { skip }, async (t) => {
  const { office, a } = await makeMachines(t, { office: 1, a: 11 })
  await initOffice(office)
  for (const [name, syscall, nth] of OFFICE_KILLS) {
    const path = syscall === 'unlink' ? `${OFFICE}/invitation-${name}.json` : undefined
    const first = inviteWith(office, { name, prefix: killedBy(syscall, nth, path) })
    const early = await Promise.race([first.waiting, first.ended])
    const isShown = 'code' in early
    if (isShown) await joinByCode(a, early)
    t.not((await first.ended).exitCode, 0, `killed at ${name}`)
    const second = inviteWith(office, name)
    const again = await Promise.race([second.waiting, second.ended])
    if ('code' in again) {
      if (isShown) t.equal(again.code, early.code, `${name}: the same code`)
      const said = await joinByCode(a, again)
      t.equal(said.exitCode, 0, `${name}: ${said.stdout}\n${said.stderr}`)
      t.match(await second.ended, { exitCode: 0 }, name)
    } else t.match(again.stderr, /name taken/, `${name}: the code was used up`)
    t.equal(signatures(office, name), 1, `${name}: one certificate`)
    t.same(readdirSync(office.at(OFFICE)).toSorted(), OFFICE_FILES, name)
    t.equal((await a.exec(['flatnet-cni', 'leave'])).exitCode, 0)
  }

  await t.test('Ctrl-C ends an invitation without leftovers', async (t) => {
    const invited = await invite(t, office, 'unwanted')
    await invited.interrupt()
    t.match(await invited.ended, { exitCode: 1, stderr: /invitation ended[^]*nothing was signed/ })
    t.same(readdirSync(office.at(OFFICE)).toSorted(), OFFICE_FILES)
    t.match(await joinByCode(a, invited), { exitCode: 1, stderr: /no invitation waits there/ })
  })
})
