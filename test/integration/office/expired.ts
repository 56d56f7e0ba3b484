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

interface Status {
  readonly source: string | null
  readonly agent: { readonly pid: number } | null
  readonly peers: readonly { readonly phase: string }[]
}

async function statusOf(machine: Machine): Promise<Status> {
  return JSON.parse((await call(machine, 'status', '--json')).stdout) as Status
}

/** Starts host-b with a certificate that has ended. */
async function startExpired(machine: Machine, office: string): Promise<void> {
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
    await startExpired(b, office.folder)
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

  await t.test('where neither Nebula nor the agent runs, the command says how to start them', async (t) => {
    await startExpired(b, office.folder)
    const wanted = await renew()
    const taken = await call(b, 'statement', 'import', STATEMENT, '--json')
    const { passedOn, renewed } = JSON.parse(taken.stdout) as {
      readonly passedOn: boolean
      readonly renewed: { readonly notAfter: string; readonly next: string } | null
    }
    t.match(
      { passedOn, renewed },
      { passedOn: false, renewed: { next: '/opt/cni/bin/flatnet-start.sh start' } },
    )
    t.ok(Date.parse(renewed?.notAfter ?? '') > Date.now())
    t.equal(certificateOn(b)?.fingerprint, wanted)
    await b.exec((renewed?.next ?? '').split(' '))
    await Promise.all([waitForDirect(a, 'host-b'), waitForDirect(b, 'host-a')])
  })
})
