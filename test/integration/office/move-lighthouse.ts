// "Move a lighthouse" of docs/operations.md: a second one takes over, the same one gets another address, and
// one that is named by DNS moves with its name. Each time every host restarts Nebula afterwards and is found.

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { serveName } from '../../fixtures/office/dns.ts'
import { joinAndStart, switchOff, switchOn, waitForPings } from '../../fixtures/office/joined.ts'
import { type Machine, makeMachines } from '../../fixtures/office/machines.ts'
import { type Added, makeDesk, makeTestOffice } from '../../fixtures/office/office.ts'

const skip = whyNoHost() || whyNoLab()
const START = '/opt/cni/bin/flatnet-start.sh'
const CONFIG = '/etc/nebula/config.yml'

const call = (machine: Machine, ...args: readonly string[]) =>
  machine.exec(['flatnet-cni', ...args], { check: false })

async function setAddress({ netns }: Machine, from: string, to: string): Promise<void> {
  await netns.batch([
    `address add ${to}/24 dev eth0`,
    `address delete ${from}/24 dev eth0`,
    `address replace ${to}/24 dev eth0`,
    'route replace default via 198.18.0.254',
  ])
}

/** Joins a further bundle, and does what join says next. */
async function joinAgain(t: Test, machine: Machine, { file, code }: Added): Promise<void> {
  copyFileSync(file, machine.at('/etc/again.flatnet'))
  // Its check finds that no gateway forwards on this LAN.
  const said = await machine.exec(['flatnet-cni', 'join', '/etc/again.flatnet'], {
    check: false,
    input: `${code ?? ''}\n`,
  })
  t.match(said.stdout, new RegExp(`^Next: ${START} restart$`, 'm'))
  await machine.exec([START, 'restart'])
}

/** Changes Nebula's configuration by hand, and has Nebula read it. */
async function edit(machine: Machine, ...changes: readonly (readonly [RegExp, string])[]): Promise<void> {
  const before = readFileSync(machine.at(CONFIG), 'utf8')
  const after = changes.reduce((text, [from, to]) => text.replace(from, to), before)
  if (after === before) throw new Error(`${CONFIG} of ${machine.name} has nothing to change:\n${before}`)
  writeFileSync(machine.at(CONFIG), after)
  await machine.exec(['pkill', '-HUP', '-x', 'nebula'])
}

async function lighthousesAnswer(machine: Machine, overlays: readonly string[]): Promise<void> {
  await waitUntil(`${machine.name} to reach ${overlays.join(', ')}`, 120_000, async () => {
    const { stdout } = await call(machine, 'check', '--only', 'NEB-015', '--json')
    const { items } = JSON.parse(stdout) as {
      readonly items: readonly { readonly findings: readonly { readonly seen: string }[] }[]
    }
    const seen = items.flatMap(({ findings }) => findings.map((finding) => finding.seen))
    return (
      seen.length === overlays.length &&
      overlays.every((overlay) => seen.some((each) => each.startsWith(overlay) && each.endsWith(') answers')))
    )
  })
}

/** Nothing that a host has learnt outlives its Nebula. */
async function findEachOther(hosts: readonly (readonly [Machine, string])[]): Promise<void> {
  for (const [machine] of hosts) await switchOff(machine)
  for (const [machine] of hosts) await switchOn(machine)
  await waitForPings(
    'restarted hosts to find each other',
    hosts.flatMap(([machine]) =>
      hosts.flatMap(([other, overlay]) => (other === machine ? [] : [[machine, overlay] as const])),
    ),
    true,
  )
}

t.test('by a second lighthouse, and by another address', { skip, timeout: 600_000 }, async (t) => {
  const office = await makeTestOffice(t)
  const [addedA, addedB] = [await office.add('host-a'), await office.add('host-b')]
  const { lh, a, b, n } = await makeMachines(t, { lh: 1, a: 11, b: 12, n: 2 })
  await joinAndStart(lh, office.lighthouse)
  await joinAndStart(a, addedA)
  await joinAndStart(b, addedB)
  const hosts = [
    [a, '10.86.1.1'],
    [b, '10.86.2.1'],
  ] as const
  await waitForPings('the hosts to find each other', [[a, '10.86.2.1']], true)

  await t.test('a second one takes over', async (t) => {
    await joinAndStart(n, await office.add('lighthouse-2', '--lighthouse', '--address', '198.18.0.2'))
    await joinAgain(t, a, await office.add('host-a', '--again', '--out', 'a-2.flatnet'))
    await edit(
      b,
      [/^( +)"10\.86\.0\.1": .*$/m, '$&\n$1"10.86.0.2": ["198.18.0.2:4242"]'],
      [/^( +hosts: )\["10\.86\.0\.1"\]$/m, '$1["10.86.0.1", "10.86.0.2"]'],
      [/^( +relays: )\["10\.86\.0\.1"\]$/m, '$1["10.86.0.1", "10.86.0.2"]'],
    )
    for (const machine of [a, b]) await lighthousesAnswer(machine, ['10.86.0.1', '10.86.0.2'])

    await lh.exec(['flatnet-cni', 'leave'])
    t.equal((await office.cli(['host', 'revoke', 'lighthouse'])).exitCode, 0)
    copyFileSync(`${office.folder}/revocation.statement`, a.at('/etc/revocation.statement'))
    await a.exec(['flatnet-cni', 'statement', 'import', '/etc/revocation.statement'])
    await joinAgain(t, a, await office.add('host-a', '--again', '--out', 'a-3.flatnet'))
    await edit(b, [/^ +"10\.86\.0\.1": .*\n/m, ''], [/"10\.86\.0\.1", (?="10\.86\.0\.2")/g, ''])
    for (const machine of [a, b]) await lighthousesAnswer(machine, ['10.86.0.2'])
    await findEachOther(hosts)
    t.notMatch(readFileSync(a.at(CONFIG), 'utf8'), '10.86.0.1"')
  })

  await t.test('the same one has another address', async (t) => {
    const wrong = ['host', 'add', 'host-a', '--again', '--address', '198.18.0.3', '--out', 'wrong']
    t.match(await office.cli(wrong), {
      exitCode: 1,
      stderr: /host-a is a host/,
    })
    await setAddress(n, '198.18.0.2', '198.18.0.3')
    const moved = ['lighthouse-2', '--again', '--address', '198.18.0.3']
    const said = await office.cli(['host', 'add', ...moved, '--plain', '--out', 'l-2.flatnet'])
    t.match(said.stdout, '"10.86.0.2": ["198.18.0.3:4242"]')
    await joinAgain(t, n, await office.add(...moved, '--out', 'l-3.flatnet'))
    await joinAgain(t, a, await office.add('host-a', '--again', '--out', 'a-4.flatnet'))
    await edit(b, [/198\.18\.0\.2:4242/, '198.18.0.3:4242'])
    for (const machine of [a, b]) await lighthousesAnswer(machine, ['10.86.0.2'])
    await findEachOther(hosts)
    t.match(readFileSync(a.at(CONFIG), 'utf8'), '"10.86.0.2": ["198.18.0.3:4242"]')
  })
})

t.test('by its name', { skip, timeout: 600_000 }, async (t) => {
  const office = await makeDesk(t)
  const made = await office.cli(['init', '--lighthouse', 'lh.lan', '--json'])
  t.equal(made.exitCode, 0, made.stderr)
  const { lighthouse } = JSON.parse(made.stdout) as { readonly lighthouse: Added }
  const [addedA, addedB] = [await office.add('host-a'), await office.add('host-b')]
  const { lh, a, b } = await makeMachines(t, { lh: 1, a: 11, b: 12 })
  const move = await serveName(t, [a, b, lh], 'lh.lan', '198.18.0.1')
  await joinAndStart(lh, lighthouse)
  await joinAndStart(a, addedA)
  await joinAndStart(b, addedB)
  await waitForPings('the hosts to find each other', [[a, '10.86.2.1']], true)
  await lighthousesAnswer(a, ['10.86.0.1'])

  await setAddress(lh, '198.18.0.1', '198.18.0.5')
  move('198.18.0.5')
  for (const machine of [a, b]) await lighthousesAnswer(machine, ['10.86.0.1'])
  t.match(readFileSync(a.at(CONFIG), 'utf8'), '"10.86.0.1": ["lh.lan:4242"]')
  await findEachOther([
    [a, '10.86.1.1'],
    [b, '10.86.2.1'],
  ])
  for (const machine of [a, b]) await lighthousesAnswer(machine, ['10.86.0.1'])
  t.pass('nothing was changed on the hosts')
})
