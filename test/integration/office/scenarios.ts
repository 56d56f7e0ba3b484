// The faults of docs/operations.md, "When something fails". Each is brought about. What the page quotes is
// looked for in the commands' output, and in the page in both languages.

import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { signBriefly } from '../../fixtures/office/brief.ts'
import {
  attach,
  joinAndStart,
  makeJoinedOffice,
  switchOff,
  switchOn,
  waitForPeers,
} from '../../fixtures/office/joined.ts'
import type { Machine } from '../../fixtures/office/machines.ts'

const skip = whyNoHost() || whyNoLab()
const LONG_MS = 180_000

/** Columns and line ends differ from run to run. */
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

const PAGES = ['operations.md', 'operations.ja.md'].map((name) =>
  flat(readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8')),
)

/** Waits until a command on a machine says all these phrases, which both pages quote. */
async function says(
  t: Test,
  machine: Machine,
  argv: readonly string[],
  phrases: readonly string[],
): Promise<void> {
  for (const phrase of phrases)
    t.ok(
      PAGES.every((page) => page.includes(phrase)),
      `the guide says: ${phrase}`,
    )
  const call = `flatnet-cni ${argv.join(' ')}`
  let said = ''
  try {
    await waitUntil(`${machine.name}: ${call}`, LONG_MS, async () => {
      const { stdout, stderr } = await machine.exec(['flatnet-cni', ...argv], { check: false })
      said = flat(stdout + stderr)
      return phrases.every((phrase) => said.includes(phrase))
    })
    t.pass(`${machine.name}: ${call}: ${phrases.join(', ')}`)
  } catch (error) {
    throw new Error(`${machine.name}: ${call} does not say "${phrases.join('", "')}": ${said}`, {
      cause: error,
    })
  }
}

async function takes(machine: Machine, peer: string, route: 'direct' | 'gateway'): Promise<void> {
  await waitUntil(`${machine.name} to take the ${route} path to ${peer}`, LONG_MS, async () => {
    const { stdout } = await machine.exec(['flatnet-cni', 'path', peer], { check: false })
    return new RegExp(`^Route +${route}$`, 'm').test(stdout)
  })
}

/** Until a host counts as gone, nothing may send people to gateways or to Nebula's rules. */
async function saysNothingElse(t: Test, machine: Machine): Promise<void> {
  let said = ''
  await waitUntil('host-b to count as gone', LONG_MS, async () => {
    for (const command of ['status', 'check'])
      said += (await machine.exec(['flatnet-cni', command], { check: false })).stdout
    return said.includes('peer does not answer on any path')
  })
  for (const wrong of ['GW-002', 'local_cidr', 'the gateways route']) t.notMatch(said, wrong)
}

async function containersReach(machine: Machine, address: string): Promise<void> {
  const ping = ['ip', 'netns', 'exec', 'c', 'ping', '-c', '1', '-W', '1', address]
  await waitUntil(`the container of ${machine.name} to reach ${address}`, LONG_MS, async () => {
    return (await machine.exec(ping, { check: false })).exitCode === 0
  })
}

/** Gives host-b a certificate for a few seconds, and returns when the other host has learnt it. */
async function useBriefCertificate(machine: Machine, office: string, other: Machine): Promise<void> {
  for (const seconds of [25, 50, 100, 200]) {
    const end = await signBriefly(machine, office, 'host-b', seconds)
    await machine.exec([
      'sh',
      '-c',
      'kill -HUP "$(cat /run/flatnet/nebula.pid)"; /opt/cni/bin/agent-wsl.sh reload',
    ])
    while (Date.now() < end) {
      const { stdout } = await other.exec(['flatnet-cni', 'path', 'host-b'], { check: false })
      if (stdout.includes(`until ${new Date(end).toISOString()}`)) return
    }
  }
  throw new Error('host-a has never learnt the certificate while it was valid')
}

t.test('users see what the guide says', { skip, timeout: 900_000 }, async (t) => {
  const { office, machines } = await makeJoinedOffice(t, ['a', 'b'])
  const { lh, a, b } = machines
  const routeTo = (subnet: string, hop: string): Promise<void> =>
    a.lan.batch([`route replace ${subnet} via ${hop}`])
  await a.lan.exec(['sysctl', '-w', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.send_redirects=0'])
  await routeTo('10.87.1.0/24', '198.18.0.11')
  await routeTo('10.87.2.0/24', '198.18.0.12')
  await Promise.all([waitForPeers(a, ['host-b']), waitForPeers(b, ['host-a'])])
  const [, there] = await Promise.all([attach(a), attach(b)])
  await takes(a, 'host-b', 'direct')

  await t.test('the LAN is trusted, as the guide warns', async () => {
    await waitUntil('a machine on the LAN to reach a container', LONG_MS, async () => {
      return (await a.lan.exec(['ping', '-c', '1', '-W', '1', there], { check: false })).exitCode === 0
    })
  })

  await t.test('the lighthouse is down', async (t) => {
    await switchOff(lh)
    await says(
      t,
      a,
      ['check', '--only', 'NEB-015'],
      [
        'FAIL NEB-015 lighthouse does not answer',
        '10.86.0.1 (198.18.0.1:4242) does not answer',
        'Existing tunnels survive without lighthouses',
      ],
    )
    await says(t, a, ['path', 'host-b'], ['Route direct'])
    await containersReach(a, there)
  })

  await t.test('the direct path is blocked', async (t) => {
    const isolate = async (how: 'on' | 'off'): Promise<void> => {
      for (const port of ['a', 'b']) await a.lan.exec(['bridge', 'link', 'set', 'dev', port, 'isolated', how])
    }
    await isolate('on')
    await takes(a, 'host-b', 'gateway')
    await says(
      t,
      a,
      ['check', '--only', 'PATH-003'],
      ['warn PATH-003 traffic takes the gateway path', 'The gateway path works, but is slower'],
    )
    await containersReach(a, there)
    // As on another machine with this address. A lighthouse passes Nebula's packets on.
    await lh.exec(['flatnet-cni', 'leave'])
    await joinAndStart(lh, await office.add('lighthouse', '--again', '--out', 'lighthouse-again.flatnet'))
    await takes(a, 'host-b', 'direct')
    await says(
      t,
      a,
      ['path', 'host-b', '--history'],
      ['direct → gateway, fell back', 'gateway, trying direct → direct'],
    )
    await isolate('off')
  })

  await t.test('a host has another address', async (t) => {
    await b.netns.batch([
      'address add 198.18.0.22/24 dev eth0',
      'address delete 198.18.0.12/24 dev eth0',
      'address replace 198.18.0.22/24 dev eth0',
      'route replace default via 198.18.0.254',
    ])
    await a.lan.exec(['ip', 'neighbour', 'flush', 'all'])
    await says(
      t,
      a,
      ['check', '--only', 'GW-002'],
      ['FAIL GW-002 gateways do not route between the hosts', '0 of 1 peers answer via the gateway'],
    )
    await takes(a, 'host-b', 'direct')
    await containersReach(a, there)
    await routeTo('10.87.2.0/24', '198.18.0.22')
    await waitUntil('the gateway path to answer again', LONG_MS, async () =>
      (await a.exec(['flatnet-cni', 'check', '--only', 'GW-002'], { check: false })).stdout.includes('1 ok'),
    )
  })

  await t.test('a host is down', async (t) => {
    await b.netns.batch(['link set eth0 down'])
    await says(t, a, ['status'], ['! host-b: no path answers'])
    await says(t, a, ['check', '--peer', 'host-b'], ["FAIL PATH-010 peer's agent does not answer"])
    await saysNothingElse(t, a)
    await b.netns.batch(['link set eth0 up', 'route replace default via 198.18.0.254'])
    await takes(a, 'host-b', 'direct')
    await containersReach(a, there)
  })

  await t.test('WSL2 starts again, and nothing starts Nebula', async (t) => {
    await b.reboot()
    // They end with a kernel.
    await b.netns.batch(['link delete flatnet0', 'route flush proto 77'])
    await says(t, b, ['status'], ['Nebula no link', 'Agent does not answer'])
    await says(t, b, ['check'], ['FAIL NEB-001 Nebula is not running', 'warn AGENT-001 agent is not running'])
    await switchOn(b)
    await takes(a, 'host-b', 'direct')
    await takes(b, 'host-a', 'direct')
  })

  await t.test('a certificate expires', async (t) => {
    await useBriefCertificate(b, office.folder, a)
    // As a host that was off meanwhile.
    await switchOff(b)
    await switchOn(b)
    await says(
      t,
      b,
      ['status'],
      ['certificate refused', 'NotAfter: expired', 'no other host accepts this one until it is renewed'],
    )
    await says(t, b, ['check', '--only', 'CERT-005'], ['FAIL CERT-005 host certificate has expired'])
    // The earlier certificate of host-b, which is valid for years, does not count any more.
    await says(t, a, ['status'], ['No peers'])
    await says(
      t,
      a,
      ['path', 'host-b', '--history'],
      ["the peer's certificate has changed or is no longer valid (certificate)"],
    )
    const renewed = await office.cli(['host', 'renew', 'host-b', '--json'])
    const { file } = JSON.parse(renewed.stdout) as { readonly file: string }
    copyFileSync(file, b.at('/etc/renewal.statement'))
    await b.exec(['flatnet-cni', 'statement', 'import', '/etc/renewal.statement'])
    await takes(a, 'host-b', 'direct')
    await takes(b, 'host-a', 'direct')
  })
})
