// From nothing to the first ping, with no configuration written by hand: init, host add, join on 3 machines.

import { copyFileSync, existsSync, readFileSync, statSync } from 'node:fs'
import t, { type Test } from 'tap'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { type Machine, makeMachines } from '../../fixtures/office/machines.ts'
import { type Added, makeTestOffice } from '../../fixtures/office/office.ts'

const skip = whyNoHost() || whyNoLab()

function carry({ file, name }: Added, machine: Machine): string {
  const path = `/etc/flatnet-bundles/${name}.flatnet`
  copyFileSync(file, machine.at(`/etc/${name}.flatnet`))
  return path.replace('/etc/flatnet-bundles', '/etc')
}

async function join(t: Test, machine: Machine, added: Added): Promise<string> {
  const file = carry(added, machine)
  const said = await machine.exec(['flatnet-cni', 'join', file], {
    check: false,
    input: `${added.code ?? ''}\n`,
  })
  t.equal(said.exitCode, 0, `${said.stdout}\n${said.stderr}`)
  t.match(said.stdout, /Nebula does not run/)
  t.match(said.stdout, /^Next: \/opt\/cni\/bin\/flatnet-start\.sh start$/m)
  const [, next = ''] = /^Next: (.*)$/m.exec(said.stdout) ?? []
  await machine.exec(next.split(' '))
  return file
}

const CONF = JSON.stringify({ cniVersion: '1.0.0', name: 'flatnet', type: 'flatnet-cni' })

function cniCall(verb: string): readonly string[] {
  const names = ['CNI_CONTAINERID=c', 'CNI_IFNAME=eth0', 'CNI_NETNS=/run/netns/c', 'CNI_PATH=/opt/cni/bin']
  return ['env', `CNI_COMMAND=${verb}`, ...names, '/opt/cni/bin/flatnet-cni']
}

// Returns its address.
async function container(machine: Machine): Promise<string> {
  await machine.exec(['ip', 'netns', 'add', 'c'])
  const { stdout } = await machine.exec(cniCall('ADD'), { input: CONF })
  const { ips } = JSON.parse(stdout) as { readonly ips: readonly { readonly address: string }[] }
  return ips[0]?.address.replace(/\/.*/, '') ?? ''
}

t.test('init, host add and join lead to the first ping', { skip }, async (t) => {
  const began = performance.now()
  const office = await makeTestOffice(t)
  const [a, b] = [await office.add('host-a'), await office.add('host-b')]
  const machines = await makeMachines(t, { lh: 1, a: 11, b: 12 })
  await join(t, machines.lh, office.lighthouse)
  const file = await join(t, machines.a, a)
  await join(t, machines.b, b)

  await waitUntil('a ping through Nebula', 60_000, async () => {
    const said = await machines.a.exec(['ping', '-c', '1', '-W', '1', '10.86.2.1'], { check: false })
    return said.exitCode === 0
  })
  t.comment(`from nothing to the first ping: ${((performance.now() - began) / 1000).toFixed(0)} s`)

  await t.test('keys are readable by root alone', async (t) => {
    t.equal(statSync(machines.a.at('/etc/nebula/host.key')).mode & 0o777, 0o600)
    for (const place of Object.values(machines))
      t.notOk(existsSync(place.at('/etc/nebula/ca.key')), 'the CA key stays in the office')
  })

  await t.test('again, it changes nothing, sees the lighthouse, and checks', async (t) => {
    await waitUntil('the agent is ready', 60_000, async () => {
      const said = await machines.a.exec(['grep', '-q', '"ready":true', '/run/flatnet/agent.json'], {
        check: false,
      })
      return said.exitCode === 0
    })
    const said = await machines.a.exec(['flatnet-cni', 'join', file, a.code ?? ''], { check: false })
    t.match(said.stdout, /every file is in place/)
    t.match(said.stdout, /lighthouse lighthouse answers/)
    t.match(said.stdout, /flatnet-cni check on a/)
    t.comment(said.stdout)
  })

  await t.test('the hosts found each other, and containers would reach each other', async (t) => {
    await waitUntil('host-a knows host-b', 60_000, async () => {
      const said = await machines.a.exec(['flatnet-cni', 'status', '--json'], { check: false })
      return /"name": "host-b"/.test(said.stdout)
    })
    t.pass()
  })

  await t.test('container to container, without NAT', async (t) => {
    const [one, two] = [await container(machines.a), await container(machines.b)]
    t.match([one, two], [/^10\.87\.1\./, /^10\.87\.2\./])
    await waitUntil('a ping between containers', 120_000, async () => {
      const ping = ['ip', 'netns', 'exec', 'c', 'ping', '-c', '1', '-W', '1', two]
      return (await machines.a.exec(ping, { check: false })).exitCode === 0
    })
    const said = await machines.a.exec(['flatnet-cni', 'leave'], { check: false })
    t.match(said, { exitCode: 1, stderr: /containers are attached/ })
    await machines.a.exec(cniCall('DEL'), { input: CONF })
    t.pass()
  })

  await t.test('leave takes everything away', async (t) => {
    const said = await machines.a.exec(['flatnet-cni', 'leave'], { check: false })
    t.equal(said.exitCode, 0, said.stderr)
    for (const path of ['/etc/nebula/host.key', '/etc/nebula/config.yml', '/etc/flatnet/flatnet.json'])
      t.notOk(existsSync(machines.a.at(path)), path)
    t.equal((await machines.a.exec(['ip', 'link', 'show', 'nebula1'], { check: false })).exitCode, 1)
    t.match(await machines.a.exec(['flatnet-cni', 'leave'], { check: false }), {
      exitCode: 1,
      stderr: /not joined/,
    })
    t.ok(readFileSync(machines.b.at('/etc/nebula/host.key'), 'utf8').startsWith('-----BEGIN'))
  })
})
