// What join and leave do about Windows, with a stand-in for powershell.exe that records what it is asked.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import type { Outcome } from '../../../scripts/lab/run.ts'
import { openPrinted } from '../../fixtures/docs/json-examples.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { makeMachines } from '../../fixtures/office/machines.ts'
import { makeTestOffice } from '../../fixtures/office/office.ts'
import { JAPANESE } from '../../fixtures/windows/answers.ts'
import { readPowerShell } from '../../fixtures/windows/grammar.ts'
import { putWindows } from '../../fixtures/windows/stand-in.ts'

const skip = whyNoHost() || whyNoLab()
// The machine's network is that of WSL2, and its router is Windows.
const [LAN] = JAPANESE['interfaces'] as readonly object[]
const FACTS = {
  ...JAPANESE,
  interfaces: [
    LAN,
    { alias: 'vEthernet (WSL)', isConnected: true, isForwarding: false, addresses: ['198.18.0.254/24'] },
  ],
}
const SETUP = '/etc/flatnet/windows-setup.ps1'
const WANTED = 'Users/山田 太郎/AppData/Local/flatnet/wanted.json'
const UNDO = 'Program Files/flatnet/flatnet-undo.ps1'

t.test('Windows is planned, printed, set up with one consent, and left as it was', { skip }, async (t) => {
  const office = await makeTestOffice(t)
  const added = await office.add('host-a')
  const { a } = await makeMachines(t, { a: 11 })
  writeFileSync(a.at('/etc/bundle'), readFileSync(added.file))
  const call = (...words: readonly string[]): Promise<Outcome> =>
    a.exec(['flatnet-cni', ...words], { check: false, input: `${added.code ?? ''}\n` })
  const join = (...options: readonly string[]): Promise<Outcome> => call('join', '/etc/bundle', ...options)

  await t.test('on plain Linux there is no Windows to set up', async (t) => {
    const said = await join('--windows', 'run')
    t.equal(said.exitCode, 1)
    t.match(said.stderr, /--windows run: this host is not WSL2/)
    t.match((await join('--windows', 'maybe')).stderr, /Allowed choices are print, run, skip/)
    t.notOk(existsSync(a.at('/etc/nebula/ca.crt')))
  })

  const windows = await putWindows(a, FACTS)
  writeFileSync(a.at('/etc/wsl.conf'), '[network]\r\ngenerateResolvConf = false\r\n')

  await t.test('--dry-run shows each step, and only asks', async (t) => {
    const { stdout, exitCode, stderr } = await join('--dry-run')
    t.equal(exitCode, 0, stderr)
    t.match(stdout, /^ +forward IPv4 packets on "イーサネット"$/m)
    t.match(stdout, /^ +route 10\.87\.\d+\.0\/24 via 198\.18\.0\.11 on "vEthernet \(WSL\)"$/m)
    t.match(stdout, /^ +forward TCP 80 of Windows to 198\.18\.0\.11$/m)
    t.match(stdout, /^ +keep Debian running from logon on/m)
    const asked = windows.asked()
    t.equal(asked.length, 1)
    t.notMatch(asked.join(), /Start-Process/)
    t.same(readPowerShell(asked.join()).faults, [])
    t.notOk(existsSync(a.at(SETUP)) || existsSync(windows.at(WANTED)), 'nothing is written')
  })

  await t.test('print writes the script, and does nothing on Windows', async (t) => {
    const { stdout, exitCode, stderr } = await join()
    t.equal(exitCode, 0, stderr)
    t.match(stdout, /Next: .*-File \\\\wsl\.localhost\\Debian\\etc\\flatnet\\windows-setup\.ps1/)
    t.match(stdout, /Next: or here: the same join with --windows run/)
    t.same(readPowerShell(readFileSync(a.at(SETUP), 'utf8').slice(1)).faults, [])
    t.notMatch(windows.asked().join(), /Start-Process/)
    t.match(JSON.parse(readFileSync(windows.at(WANTED), 'utf8')), {
      wslAddress: '198.18.0.11',
      routes: [{ nextHop: '198.18.0.11' }],
    })
    t.equal(
      readFileSync(a.at('/etc/wsl.conf'), 'utf8'),
      '[network]\r\ngenerateResolvConf = false\r\n[boot]\r\ncommand=/opt/cni/bin/flatnet-start.sh start\r\n',
    )
  })

  await t.test('a question answered with no, a script altered on its way, a step that fails', async (t) => {
    for (const [answer, says] of [
      ['no', /the question was answered with no[^]*by hand: run \/etc\/flatnet\/windows-setup\.ps1/],
      ['altered', /the script was changed by another program before Windows ran it/],
      ['fails', /report\.json: there is no interface X; what was done stays/],
    ] as const) {
      windows.answer(answer)
      const said = await join('--windows', 'run')
      t.equal(said.exitCode, 1, answer)
      t.match(said.stdout + said.stderr, says)
      t.notMatch(said.stdout + said.stderr, /\n\s+at |node:internal/)
    }
    windows.answer('yes')
  })

  await t.test('run asks once, and what ran is what was shown', async (t) => {
    windows.asked()
    const { stdout, exitCode, stderr } = await join('--windows', 'run')
    t.equal(exitCode, 0, stderr)
    t.match(stdout, /Windows: 1 of 1 steps changed something/)
    const questions = windows.asked().filter((script) => script.includes('-Verb RunAs'))
    t.equal(questions.length, 1)
    t.same(readPowerShell(questions.join()).faults, [])
    t.same(windows.elevated(), readFileSync(a.at(SETUP)))
    t.same(readdirSync(windows.at('Users/山田 太郎/AppData/Local/Temp')), [], 'nothing is left in Temp')
    const { windows: plan, windowsReport } = JSON.parse(
      (await join('--windows', 'run', '--json')).stdout,
    ) as {
      readonly windows: object
      readonly windowsReport: object
    }
    const printed = openPrinted()
    printed.saw('join in WSL2', { windows: plan, windowsReport })
    printed.compare(t)
  })

  await t.test('leave says how to take Windows back, or does so, without a trace here', async (t) => {
    t.match((await call('leave', '--dry-run')).stdout, /Next: in Windows, .*-File "C:\\Program Files/)
    t.match(
      (await call('leave', '--dry-run', '--windows', 'run')).stdout,
      /^run flatnet-undo\.ps1 in Windows/,
    )
    windows.answer('no')
    const refused = await call('leave', '--windows', 'run')
    t.match(refused.stderr, /answered with no[^]*flatnet-undo\.ps1/)
    t.ok(existsSync(a.at('/etc/nebula/ca.crt')), 'nothing was taken away')
    windows.answer('yes')
    const left = await call('leave', '--windows', 'run')
    t.equal(left.exitCode, 0, left.stderr)
    for (const place of [a.at(SETUP), windows.at(WANTED), windows.at(UNDO)]) t.notOk(existsSync(place), place)
    t.equal(readFileSync(a.at('/etc/wsl.conf'), 'utf8'), '[network]\r\ngenerateResolvConf = false\r\n')
  })
})
