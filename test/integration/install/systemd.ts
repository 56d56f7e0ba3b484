// Two machines from nothing to a network under a living systemd, Debian 12 and 13: the package, join, what
// systemd does when the agent dies or hangs, a reboot, and leave.

import { chmodSync, cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { nebulaFolder } from '../../../scripts/lab/nebula/packages.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { type Booted, makeLan, whyNoSystemd } from '../../fixtures/host/booted.ts'
import { packExecutable } from '../../fixtures/host/debian-package.ts'

const skip = whyNoLab() || whyNoSystemd('bookworm') || whyNoSystemd('trixie')
const AGENT = 'flatnet-agent.service'
const NEBULA = 'flatnet-nebula.service'

async function property(machine: Booted, unit: string, name: string): Promise<string> {
  const { stdout } = await machine.exec(['systemctl', 'show', '--value', '--property', name, unit])
  return stdout.trim()
}

async function runs(t: Test, machine: Booted, when: string): Promise<void> {
  for (const unit of [NEBULA, AGENT]) {
    await waitUntil(`${unit} runs ${when}`, 600_000, async () => {
      return (await property(machine, unit, 'ActiveState')) === 'active'
    })
    t.pass(`${machine.name}: ${unit} runs ${when}`)
  }
}

async function restarted(t: Test, machine: Booted, signal: 'KILL' | 'STOP'): Promise<void> {
  const before = await property(machine, AGENT, 'MainPID')
  const restarts = Number(await property(machine, AGENT, 'NRestarts'))
  await machine.exec(['sh', '-c', `kill -${signal} ${before}`])
  await waitUntil(`the agent is back after SIG${signal}`, 600_000, async () => {
    const state = await property(machine, AGENT, 'ActiveState')
    return state === 'active' && Number(await property(machine, AGENT, 'NRestarts')) > restarts
  })
  t.not(await property(machine, AGENT, 'MainPID'), before, `SIG${signal}: another process`)
}

/** Whatever the unit is called that runs Nebula, or would run it, people are told that one. */
async function namesUnit(t: Test, machine: Booted): Promise<void> {
  const units = '/etc/systemd/system'
  const written = async (): Promise<string> => {
    return (await machine.exec(['flatnet-cni', 'nebula', 'config', '--write'])).stdout
  }
  t.match(await written(), /^run next: systemctl restart flatnet-nebula$/m)
  await machine.exec(['systemctl', 'stop', NEBULA])
  const said = async (...args: readonly string[]): Promise<string> => {
    return (await machine.exec(['flatnet-cni', ...args], { check: false })).stdout
  }
  t.match(await said('status'), /to start it: systemctl enable --now flatnet-nebula$/m)
  t.match(await said('check', '--only', 'NEB-001'), /-> systemctl enable --now flatnet-nebula\n/)
  await machine.exec(['cp', `${units}/${NEBULA}`, `${units}/office-vpn.service`])
  await machine.exec(['systemctl', 'daemon-reload'])
  await machine.exec(['systemctl', 'start', 'office-vpn'])
  t.match(await written(), /^run next: systemctl restart office-vpn$/m)
  await machine.exec(['systemctl', 'stop', 'office-vpn'])
  await machine.exec(['systemctl', 'start', NEBULA])
}

t.test('two machines with systemd', { skip }, async (t) => {
  const bootOn = await makeLan(t)
  const { archive } = packExecutable(t)
  const [a, b] = [await bootOn('machine-a', 'bookworm', 11), await bootOn('machine-b', 'trixie', 12)]
  for (const machine of [a, b]) {
    cpSync(archive, join(machine.folder, 'flatnet-cni.deb'))
    await machine.exec(['dpkg', '-i', '/flatnet-cni.deb'])
    for (const program of ['nebula', 'nebula-cert']) {
      const path = join(machine.folder, 'usr/local/bin', program)
      cpSync(join(nebulaFolder('1.11'), program), path)
      chmodSync(path, 0o755)
    }
  }

  const office = ['flatnet-cni', 'init', '--lighthouse', a.address, '--json']
  const { lighthouse } = JSON.parse((await a.exec(office)).stdout) as {
    readonly lighthouse: { readonly file: string; readonly code: string }
  }
  const joined = await a.exec(['flatnet-cni', 'join', lighthouse.file], { input: `${lighthouse.code}\n` })
  t.match(joined.stdout, /systemctl|started|Nebula/, 'the lighthouse has joined')
  await runs(t, a, 'after join')

  const added = JSON.parse((await a.exec(['flatnet-cni', 'host', 'add', 'host-b', '--json'])).stdout) as {
    readonly file: string
    readonly code: string
    readonly overlay: readonly string[]
  }
  cpSync(join(a.folder, added.file), join(b.folder, 'root/host-b.flatnet'))
  await b.exec(['flatnet-cni', 'join', '/root/host-b.flatnet'], { input: `${added.code}\n` })
  await runs(t, b, 'after join')
  const overlay = added.overlay[0]?.replace(/\/\d+$/, '') ?? ''
  const answers = (when: string): Promise<void> =>
    waitUntil(`the lighthouse reaches host-b ${when}`, 600_000, async () => {
      const { exitCode } = await a.inNetwork(['ping', '-c', '1', '-W', '2', overlay], { check: false })
      return exitCode === 0
    })

  await restarted(t, b, 'KILL')
  await restarted(t, b, 'STOP')
  await b.reboot()
  await runs(t, b, 'after a reboot')
  await answers('after a reboot')

  await namesUnit(t, b)
  await b.exec(['flatnet-cni', 'leave'])
  for (const unit of [NEBULA, AGENT]) {
    t.equal(await property(b, unit, 'ActiveState'), 'inactive', `${unit} is stopped`)
  }
  t.notOk(existsSync(join(b.folder, 'etc/systemd/system', NEBULA)), 'the unit of join is gone')
  t.notOk(existsSync(join(b.folder, 'etc/nebula/host.key')), 'and the key')
})
