import t from 'tap'
import { parse } from 'yaml'
import type { Surroundings } from '../../../../src/provision/host/surroundings.ts'
import { wantedPaths } from '../../../../src/provision/host/wanted.ts'
import type { Wanted } from '../../../../src/provision/host/step.ts'
import { hostPem } from '../../../fixtures/certificates.ts'
import { checked, hostBundle } from '../../../fixtures/office/bundles.ts'
import { WINDOWS_SCRIPTS } from '../../../fixtures/windows/scripts.ts'

const SHIPPED = {
  agentUnit: 'agent unit',
  nebulaUnit: 'ExecStart=@NEBULA@ -config',
  agentScript: 'agent script',
  startScript: "nebula='@NEBULA@'",
  conflist: '{}',
  ...WINDOWS_SCRIPTS,
}
const HERE: Surroundings = {
  nebula: { executable: '/usr/bin/nebula', version: '1.11.0' },
  handed: [],
  kernel: { release: '6.6', hasModules: false, installed: new Set(), trials: [] },
  hasSystemd: true,
  hasNebulaUnit: true,
  hasAgentUnit: false,
  blocked: [],
  wsl: 'none',
  bootCommand: { kind: 'none' },
  conflist: undefined,
  pluginFolders: [],
  program: undefined,
}

function wanted(
  more: Partial<Surroundings> = {},
  bundle: Parameters<typeof checked>[0] = {},
): readonly Wanted[] {
  return wantedPaths(checked(bundle), { ...HERE, ...more }, SHIPPED)
}
const paths = (list: readonly Wanted[]): readonly string[] => list.map(({ path }) => path)
function textAt(list: readonly Wanted[], path: string): string {
  const found = list.find((each) => each.path === path)
  if (found?.kind !== 'file' || !('text' in found.content)) throw new Error(`no ${path}`)
  return found.content.text
}

t.test('a host has keys, configuration, settings, peers, network and units, in this order', async (t) => {
  t.same(
    wanted().map(({ path, ...rest }) => `${'mode' in rest ? rest.mode.toString(8) : 'link'} ${path}`),
    [
      '700 /etc/nebula',
      '644 /etc/nebula/ca.crt',
      '600 /etc/nebula/host.key',
      '644 /etc/nebula/host.crt',
      '644 /etc/nebula/config.yml',
      '755 /etc/flatnet',
      '644 /etc/flatnet/flatnet.json',
      '755 /etc/flatnet/peers.d',
      '644 /etc/flatnet/peers.d/host-b.crt',
      '755 /opt/cni',
      '755 /opt/cni/bin',
      'link /opt/cni/bin/flatnet-ipam',
      '755 /etc/cni',
      '755 /etc/cni/net.d',
      '644 /etc/cni/net.d/10-flatnet.conflist',
      '755 /etc/sysctl.d',
      '644 /etc/sysctl.d/90-flatnet.conf',
      '644 /etc/systemd/system/flatnet-agent.service',
    ],
  )
})

t.test('settings name pool and lighthouses', async (t) => {
  t.same(JSON.parse(textAt(wanted(), '/etc/flatnet/flatnet.json')), {
    pool: '10.87.0.0/16',
    agent: { lighthouses: ['10.86.0.1'] },
  })
})

t.test('a gateway host has the pool, and no gateway path over the LAN', async (t) => {
  const { publicKey } = checked().certificate
  const certificate = hostPem({ publicKey, subnets: ['10.87.1.0/24', '10.87.0.0/16'] })
  const gateway = wanted({}, { certificate })
  t.match(JSON.parse(textAt(gateway, '/etc/flatnet/flatnet.json')), { gateway: { via: 'none' } })
  t.match(parse(textAt(gateway, '/etc/nebula/config.yml')), { tun: { unsafe_routes: [] } })
  t.match(textAt(gateway, '/etc/nebula/config.yml'), /Containers of other hosts, to pass on/)
  t.ok(paths(gateway).includes('/etc/cni/net.d/10-flatnet.conflist'), 'it runs containers, too')
  t.ok(
    paths(
      wanted(
        {},
        {
          peers: {
            gate: hostPem({
              name: 'gate',
              overlay: ['10.86.2.1/16'],
              subnets: ['10.87.2.0/24', '10.87.0.0/16'],
            }),
          },
        },
      ),
    ).includes('/etc/flatnet/peers.d/gate.crt'),
    'the pool of a gateway overlaps no host',
  )
  const other = hostPem({
    name: 'gate',
    overlay: ['10.86.2.1/16'],
    subnets: ['10.87.1.0/25', '10.87.0.0/16'],
  })
  t.throws(() => wanted({}, { peers: { gate: other } }), {
    name: 'CniError',
    details: /10\.87\.1\.0\/24 belongs to "gate"/,
  })
})

t.test("Nebula's configuration fits role and networking mode", async (t) => {
  const config = (more: Partial<Surroundings>, bundle?: Parameters<typeof checked>[0]): unknown =>
    parse(textAt(wanted(more, bundle), '/etc/nebula/config.yml'))
  t.match(config({}), {
    lighthouse: { am_lighthouse: false, hosts: ['10.86.0.1'] },
    static_host_map: { '10.86.0.1': ['192.168.1.5:4242'] },
    listen: { port: 4242 },
  })
  t.match(config({ wsl: 'nat' }), { listen: { port: 0 } })
  t.match(config({ wsl: 'mirrored' }), { listen: { port: 4243 } })
  const bundle = hostBundle()
  const own = { name: 'host-a', overlay: ['10.86.1.1'], endpoints: ['192.168.1.9:4300'] }
  t.match(config({}, { ...bundle, role: 'lighthouse', lighthouses: [own] }), {
    lighthouse: { am_lighthouse: true },
    listen: { port: 4300 },
  })
})

t.test('what the host has decides what it gets', async (t) => {
  const bootCommand = { kind: 'ours', wslConf: '[boot]\n# systemd=true\n' } as const
  const bare = wanted({ hasSystemd: false, wsl: 'nat', bootCommand })
  t.equal(
    textAt(bare, '/etc/wsl.conf'),
    '[boot]\ncommand=/opt/cni/bin/flatnet-start.sh start\n# systemd=true\n',
    'WSL starts what no systemd does',
  )
  const other = wanted({ hasSystemd: false, wsl: 'nat', bootCommand: { kind: 'other', command: 'mine' } })
  t.notOk(paths(other).includes('/etc/wsl.conf'), "another command of the user's stays")
  t.match(textAt(bare, '/opt/cni/bin/flatnet-start.sh'), "nebula='/usr/bin/nebula'")
  t.notOk(paths(bare).some((path) => path.startsWith('/etc/systemd')))
  t.match(
    textAt(wanted({ hasNebulaUnit: false }), '/etc/systemd/system/flatnet-nebula.service'),
    '/usr/bin/nebula',
  )
  t.ok(paths(wanted()).includes('/etc/systemd/system/flatnet-agent.service'))
  t.notOk(
    paths(wanted({ hasAgentUnit: true })).some((path) => path.startsWith('/etc/systemd')),
    'a unit in /etc would hide the unit of the package',
  )
  t.notOk(
    paths(wanted({ conflist: '/etc/cni/net.d/99-mine.conflist' })).some((path) => path.includes('net.d')),
  )
  t.ok(
    paths(wanted({ conflist: '/etc/cni/net.d/10-flatnet.conflist' })).includes(
      '/etc/cni/net.d/10-flatnet.conflist',
    ),
  )
  t.ok(paths(wanted({ pluginFolders: ['/usr/lib/cni'] })).includes('/usr/lib/cni/flatnet-cni'))
  const program = { copyOf: '/mnt/usb/flatnet-cni', sha256: 'x' }
  t.match(
    wanted({ program }).find(({ path }) => path === '/opt/cni/bin/flatnet-cni'),
    { content: program, mode: 0o755 },
  )
  t.throws(
    () => wanted({ hasNebulaUnit: false, nebula: { executable: "/x/'$(id)/nebula", version: '1.11.0' } }),
    {
      message: 'path not usable',
    },
  )
})

t.test('modules of the kernel are loaded at each start', async (t) => {
  const kernel = { release: '6.6', hasModules: true, installed: new Set(['tun', 'bridge']), trials: [] }
  t.match(textAt(wanted({ kernel }), '/etc/modules-load.d/flatnet.conf'), /\nbridge\ntun\n$/)
})

t.test('a lighthouse without containers gets no network', async (t) => {
  const { publicKey } = { publicKey: checked().certificate.publicKey }
  const certificate = hostPem({ publicKey, subnets: [] })
  t.notOk(paths(wanted({}, { certificate, role: 'lighthouse' })).some((path) => path.includes('/etc/cni')))
})
