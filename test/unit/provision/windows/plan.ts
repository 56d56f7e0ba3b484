import t from 'tap'
import { parsePrefix, type Prefix } from '../../../../src/addr/prefix.ts'
import { parseWindowsFacts } from '../../../../src/provision/windows/facts.ts'
import { planWindows, type WslHost } from '../../../../src/provision/windows/plan.ts'
import { stepText } from '../../../../src/provision/windows/step.ts'
import { ENGLISH, JAPANESE, printed } from '../../../fixtures/windows/answers.ts'

const prefix = (text: string): Prefix => parsePrefix(text) ?? fail(text)
function fail(text: string): never {
  throw new Error(text)
}
const NAT: WslHost = {
  mode: 'nat',
  distribution: 'Debian',
  address: '172.20.1.5',
  gateway: '172.20.0.1',
  pools: [prefix('10.87.0.0/16'), prefix('fd00:87::/48')],
  subnets: [prefix('10.87.1.0/24'), prefix('fd00:87:1::/64')],
  isLighthouse: false,
  nebulaPort: 0,
  httpPort: 80,
}
const facts = (answer: Parameters<typeof printed>[0]): ReturnType<typeof parseWindowsFacts> =>
  parseWindowsFacts(printed(answer))

t.test('nat: Windows becomes a router, and a task keeps it one', async (t) => {
  const peers = [
    { destination: '10.87.2.0/24', nextHop: '192.168.1.12' },
    { destination: '10.87.3.0/24', nextHop: '10.99.0.3' },
  ]
  const { steps, notes } = planWindows(facts(ENGLISH), NAT, peers)
  t.same(steps.map(stepText), [
    'put flatnet-record.ps1 into %ProgramFiles%\\flatnet',
    'put flatnet-network.ps1 into %ProgramFiles%\\flatnet',
    'put flatnet-sync.ps1 into %ProgramFiles%\\flatnet',
    'put flatnet-undo.ps1 into %ProgramFiles%\\flatnet',
    'write general.instanceIdleTimeout=-1 and wsl2.vmIdleTimeout=-1 into C:\\Users\\me\\.wslconfig',
    'put settings.json into %ProgramFiles%\\flatnet',
    'forward IPv4 packets on "vEthernet (WSL (Hyper-V firewall))"',
    'forward IPv4 packets on "Ethernet"',
    'route 10.87.1.0/24 via 172.20.1.5 on "vEthernet (WSL (Hyper-V firewall))"',
    'route 10.87.2.0/24 via 192.168.1.12 on "Ethernet"',
    'forward TCP 80 of Windows to 172.20.1.5',
    'let TCP 80 in, in private and domain networks (rule flatnet-http)',
    'let packets from 10.87.0.0/16 into WSL (Hyper-V rule flatnet-pool-1)',
    'run flatnet-sync.ps1 as the system at logon, after sleep and every minute (task flatnet\\sync)',
    'keep Debian running from logon on (task flatnet\\keep-alive)',
  ])
  t.same(notes, [])
})

t.test('the settings of the task hold what was agreed to', async (t) => {
  const { steps } = planWindows(facts(JAPANESE), NAT, [])
  const settings = steps.find((step) => step.kind === 'settings')
  t.same(JSON.parse(settings?.text ?? ''), {
    version: 1,
    pools: ['10.87.0.0/16'],
    wsl: 'vEthernet (WSL)',
    lan: 'イーサネット',
    httpPort: 80,
    wanted: 'C:\\Users\\山田 太郎\\AppData\\Local\\flatnet\\wanted.json',
  })
})

t.test('mirrored: firewalls alone are in the way', async (t) => {
  const host = { ...NAT, mode: 'mirrored', nebulaPort: 4243, isLighthouse: true } as const
  const texts = planWindows(facts(ENGLISH), host, []).steps.map(stepText)
  t.same(texts.slice(5), [
    'let TCP 80 into WSL (Hyper-V rule flatnet-http)',
    'let UDP 4243 into WSL (Hyper-V rule flatnet-nebula)',
    'let packets from 10.87.0.0/16 into WSL (Hyper-V rule flatnet-pool-1)',
    'keep Debian running from logon on (task flatnet\\keep-alive)',
  ])
  const off = Buffer.from('[wsl2]\r\nfirewall=false\r\n').toString('base64')
  const open = planWindows(facts({ ...ENGLISH, wslConfig: off }), host, []).steps
  t.notOk(
    open.some(({ kind }) => kind.startsWith('hyper-v')),
    'a firewall that is off needs no rules',
  )
})

t.test('Windows 10 has no Hyper-V firewall', async (t) => {
  const { steps } = planWindows(facts({ ...ENGLISH, hasHyperVFirewall: false }), NAT, [])
  t.notOk(steps.some(({ kind }) => kind.startsWith('hyper-v')))
})

t.test('what no step does is said', async (t) => {
  const said = (answer: Parameters<typeof printed>[0], more: Partial<WslHost> = {}): string =>
    planWindows(facts(answer), { ...NAT, ...more }, []).notes.join('\n')
  t.match(said(ENGLISH, { isLighthouse: true }), /lighthouse behind WSL2's NAT is found by no host/)
  t.match(said(ENGLISH, { mode: 'virtioproxy' }), /networking mode virtioproxy: .*C:\\Users\\me\\\.wslconfig/)
  t.match(said(ENGLISH, { gateway: '172.31.0.1' }), /no interface of Windows has 172\.31\.0\.1/)
  t.match(said({ ...ENGLISH, listening: [80] }), /a program of Windows listens on TCP 80/)
  t.match(said({ ...ENGLISH, interfaces: [] }), /no interface of Windows/)
})

t.test('values of this host are judged, too', async (t) => {
  t.throws(() => planWindows(facts(ENGLISH), { ...NAT, distribution: 'a; calc' }, []), {
    message: 'invalid configuration',
    details: /WSL_DISTRO_NAME: needs the name of a WSL distribution/,
  })
  t.throws(() => planWindows(facts(ENGLISH), { ...NAT, address: '127.0.0.1' }, []), {
    message: 'invalid configuration',
    details: /^eth0: /,
  })
})
