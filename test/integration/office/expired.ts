// A host whose certificate has expired starts all the same, waits, and goes on once it is renewed.

import { copyFileSync } from 'node:fs'
import t from 'tap'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { signBriefly } from '../../fixtures/office/brief.ts'
import {
  certificateOn,
  makeJoinedOffice,
  switchOff,
  switchOn,
  waitForDirect,
} from '../../fixtures/office/joined.ts'
import type { Machine } from '../../fixtures/office/machines.ts'

const skip = whyNoHost() || whyNoLab()
const STATEMENT = '/etc/flatnet/renewal.statement'

const call = (machine: Machine, ...args: readonly string[]) =>
  machine.exec(['flatnet-cni', ...args], { check: false })

const START = '/opt/cni/bin/flatnet-start.sh start'

interface Imported {
  readonly taken: string
  readonly passedOn: boolean
  readonly renewed: { readonly notAfter: string; readonly next: string } | null
}

interface Status {
  readonly source: string | null
  readonly agent: { readonly pid: number } | null
  readonly peers: readonly { readonly phase: string }[]
}

async function statusOf(machine: Machine): Promise<Status> {
  return JSON.parse((await call(machine, 'status', '--json')).stdout) as Status
}

/** Stops host-b, and gives it a certificate that has ended. */
async function stopExpired(machine: Machine, office: string): Promise<void> {
  await switchOff(machine)
  const end = await signBriefly(machine, office, 'host-b', 5)
  await waitUntil('the certificate to end', 60_000, async () => Promise.resolve(Date.now() > end + 1000))
}

t.test('a host that was off for too long', { skip }, async (t) => {
  const { office, machines } = await makeJoinedOffice(t, ['a', 'b'])
  const { a, b } = machines
  const renew = async (): Promise<string> => {
    const said = await office.cli(['host', 'renew', 'host-b', '--json'])
    t.equal(said.exitCode, 0, said.stderr)
    const { file, hosts } = JSON.parse(said.stdout) as {
      readonly file: string
      readonly hosts: readonly { readonly fingerprint: string }[]
    }
    copyFileSync(file, b.at(STATEMENT))
    return hosts[0]?.fingerprint ?? ''
  }
  await Promise.all([waitForDirect(a, 'host-b'), waitForDirect(b, 'host-a')])

  await t.test('its agent starts, says what is wrong, and takes a renewal', async (t) => {
    await stopExpired(b, office.folder)
    await switchOn(b)
    await waitUntil('the agent of b to answer', 60_000, async () => (await statusOf(b)).source === 'agent')
    const { agent, peers } = await statusOf(b)
    t.match(peers, [{ phase: 'GATEWAY_ONLY' }])
    t.match(await call(b, 'status'), {
      exitCode: 2,
      stdout:
        /certificate refused\n.*NotAfter: expired[^]*until it is renewed\n.*flatnet-cni host renew host-b\n/,
    })
    t.match(await call(b, 'check', '--only', 'CERT-005'), {
      exitCode: 2,
      stdout: /FAIL +CERT-005 +host certificate has expired/,
    })
    const log = await b.exec(['cat', '/var/log/flatnet-agent.log'])
    t.match(log.stdout, /"own certificate has expired".*expired less than a day ago/)

    const wanted = await renew()
    const taken = await call(b, 'statement', 'import', STATEMENT)
    t.match(taken, {
      exitCode: 0,
      stdout: /: taken\. .*\nThis host has its renewed certificate, valid until /,
    })
    t.equal(certificateOn(b)?.fingerprint, wanted)
    await Promise.all([waitForDirect(a, 'host-b'), waitForDirect(b, 'host-a')])
    t.equal((await statusOf(b)).agent?.pid, agent?.pid, 'the agent was not started again')
    t.equal((await call(b, 'status')).exitCode, 0)
  })

  await t.test('one whose certificate ends while all runs takes a renewal, too', async (t) => {
    const end = await signBriefly(b, office.folder, 'host-b', 15)
    const reload = 'kill -HUP "$(cat /run/flatnet/nebula.pid)"; /opt/cni/bin/agent-wsl.sh reload'
    await b.exec(['sh', '-c', reload])
    await waitUntil('the certificate to end', 60_000, async () => Promise.resolve(Date.now() > end + 1000))
    t.match(await call(b, 'check', '--only', 'CERT-005'), { exitCode: 2 })
    const wanted = await renew()
    t.match(await call(b, 'statement', 'import', STATEMENT), {
      exitCode: 0,
      stdout: /This host has its renewed certificate, valid until /,
    })
    t.equal(certificateOn(b)?.fingerprint, wanted)
    await Promise.all([waitForDirect(a, 'host-b'), waitForDirect(b, 'host-a')])
  })

  const importJson = async (): Promise<Imported> =>
    JSON.parse((await call(b, 'statement', 'import', STATEMENT, '--json')).stdout) as Imported
  // What makes a machine one with systemd and Debian's Nebula, as far as can be seen while none runs.
  const unit = '/etc/systemd/system/nebula@.service'
  const starts = [
    ['systemctl restart nebula@config', `mkdir -p /run/systemd/system $(dirname ${unit}); touch ${unit}`],
    [START, `rm -r /run/systemd ${unit}`],
  ] as const
  for (const [next, prepare] of starts)
    await t.test(`where neither Nebula nor the agent runs, the command says: ${next}`, async (t) => {
      await stopExpired(b, office.folder)
      await b.exec(['sh', '-c', prepare])
      const wanted = await renew()
      const { passedOn, renewed } = await importJson()
      t.equal(passedOn, false)
      t.equal(renewed?.next, next)
      t.ok(Date.parse(renewed?.notAfter ?? '') > Date.now())
      t.equal(certificateOn(b)?.fingerprint, wanted)
    })

  await t.test('a file system that cannot be written is said, and the next try does it', async (t) => {
    await stopExpired(b, office.folder)
    const wanted = await renew()
    await b.exec(['mount', '--bind', '/etc/nebula', '/etc/nebula'])
    await b.exec(['mount', '-o', 'remount,bind,ro', '/etc/nebula'])
    t.match(await call(b, 'statement', 'import', STATEMENT), {
      exitCode: 1,
      stderr: /\/etc\/nebula\/host\.crt.*EROFS/,
    })
    await b.exec(['umount', '/etc/nebula'])
    t.match(await importJson(), { taken: 'known', renewed: { next: START } })
    t.equal(certificateOn(b)?.fingerprint, wanted)
    await b.exec(START.split(' '))
    await Promise.all([waitForDirect(a, 'host-b'), waitForDirect(b, 'host-a')])
  })
})
