// Items of WSL that only Windows itself could break.

import t from 'tap'
import type { Facts } from '../../../src/check/facts.ts'
import type { CheckItem } from '../../../src/check/item.ts'
import { WSL_ITEMS } from '../../../src/check/items/wsl.ts'
import { judgeItem } from '../../../src/check/judge.ts'
import { ip, prefix } from '../../fixtures/addresses.ts'

const wsl = { kind: 'wsl2', mode: 'mirrored' } as Facts['wsl']

function said(id: string, facts: Partial<Facts>): string {
  const item = WSL_ITEMS.find((each) => each.id === id) as CheckItem
  const gathered = Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, { value }]))
  return judgeItem(item, gathered)
    .findings.map(({ verdict, seen }) => `${verdict} ${seen}`)
    .join('\n')
}

t.test('WSL-012: a port that no process here has and that is still refused', async (t) => {
  const port = {
    port: 4242,
    isNebulaRunning: false,
    isTakenHere: false,
    refusal: 'bind EADDRINUSE 0.0.0.0:4242',
  }
  t.match(
    said('WSL-012', { wsl, udpPort: port }),
    /^fail UDP 4242: .*EADDRINUSE.*Windows uses or has reserved it/,
  )
  t.match(said('WSL-012', { wsl, udpPort: { ...port, refusal: undefined } }), /^ok UDP 4242 is free/)
  t.match(said('WSL-012', { wsl, udpPort: { ...port, isNebulaRunning: true } }), /^ok Nebula has UDP 4242/)
  t.match(said('WSL-012', { wsl, udpPort: { ...port, port: undefined } }), /^ok/)
})

t.test('WSL-011: forwarding on Windows is known by its task alone', async (t) => {
  const settings = {
    gateway: { via: 'auto', dev: 'auto' },
    peerGateways: new Map(),
  } as unknown as Facts['settings']
  const identity = {
    subnets: [{ family: 4, value: 0x0a570100n, length: 24 }],
  } as unknown as Facts['identity']
  const nat = { ...wsl, mode: 'nat' } as Facts['wsl']
  t.match(said('WSL-011', { wsl: nat, settings, identity }), /^skip .*forward 10\.87\.1\.0\/24 to this host/)
  t.match(said('WSL-011', { wsl, settings, identity }), /^ok networking mode mirrored/)
  const task = (windowsTask: Facts['wsl']['windowsTask']): string =>
    said('WSL-011', { wsl: { ...nat, windowsTask }, settings, identity })
  t.match(task({ kind: 'absent' }), /^warn the setup script was not run on Windows/)
  t.match(task({ kind: 'unreadable', why: 'status.json: damaged' }), /^warn status\.json: damaged/)
  t.match(
    task({ kind: 'ran', secondsAgo: 40, problems: [] }),
    /^ok the task flatnet\\sync ran 40 seconds ago/,
  )
  t.match(task({ kind: 'ran', secondsAgo: 4000, problems: [] }), /^warn .*last ran 4000 seconds ago/)
  t.match(task({ kind: 'ran', secondsAgo: 4, problems: ['no interface X'] }), /^warn .*says: no interface X/)
  const none = { ...settings, gateway: { via: 'none', dev: 'auto' } } as Facts['settings']
  t.match(said('WSL-011', { wsl: nat, settings: none, identity }), /^ok no gateway path/)
})

t.test('outside WSL everything is skipped, even with missing facts', async (t) => {
  for (const { id } of WSL_ITEMS)
    t.match(said(id, { wsl: { kind: 'none' } as Facts['wsl'] }), /^skip this host is not WSL/)
})

t.test('WSL-002: a kernel with everything built in needs no modules', async (t) => {
  const trial = { feature: 'bridge', works: true, said: '' }
  const kernel = {
    release: '5.15.167.4-microsoft-standard-WSL2',
    hasModules: false,
    links: [trial],
    rules: [trial],
  }
  t.match(said('WSL-002', { wsl, kernel }), /^ok kernel 5\.15\.167\.4.* has all that is needed/)
  const lacking = { ...kernel, rules: [{ ...trial, works: false }] }
  t.match(said('WSL-002', { wsl, kernel: lacking }), /^warn there is no \/lib\/modules\/5\.15/)
})

t.test('the kernel and the checks use the default route with the lower metric', async (t) => {
  const route = (dev: string, metric: number): Facts['routes'][number] => ({
    type: 'unicast',
    dst: prefix('0.0.0.0/0'),
    via: ip('172.20.0.1'),
    dev,
    metric,
    protocol: 'boot',
  })
  const link = (name: string, mtuBytes: number, address: string): Facts['links'][number] => ({
    name,
    isUp: true,
    hasCarrier: true,
    mtuBytes,
    master: undefined,
    addresses: [prefix(address)],
  })
  const facts = {
    wsl,
    routes: [route('tun0', 900), route('eth0', 0)],
    links: [link('tun0', 1300, '10.8.0.2/24'), link('eth0', 1500, '172.20.1.5/20')],
    network: { mtuBytes: 1300 } as Facts['network'],
  }
  t.match(said('WSL-005', facts), /^ok eth0 /)
  t.match(said('WSL-007', facts), /^ok eth0 has MTU 1500/)
})
