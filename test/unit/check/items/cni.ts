import t from 'tap'
import { readConflist } from '../../../../src/check/reading/conflist.ts'
import { parsePrefix } from '../../../../src/addr/prefix.ts'
import { parseSettings } from '../../../../src/config/settings.ts'
import type {
  ConflistFacts,
  PodmanDriver,
  PodmanFacts,
  Runtime,
} from '../../../../src/check/facts/conflists.ts'
import { CNI_ITEMS } from '../../../../src/check/items/cni.ts'
import { breakOneByOne, type Case, type Some } from '../fixtures/broken.ts'

const CAPABILITIES = { portMappings: true, ips: true, mac: true }
const OURS = { type: 'flatnet-cni', capabilities: CAPABILITIES }
const list = (path: string, plugins: readonly object[], more: object = {}) =>
  readConflist(path, JSON.stringify({ cniVersion: '1.0.0', name: 'flatnet', plugins, ...more }), {})
const GOOD = list('/e/10-flatnet.conflist', [OURS])
const OTHER = readConflist('/e/87-podman.conflist', '{"name":"podman","plugins":[{"type":"bridge"}]}', {})
const plugin = (path: string, isThisOne?: boolean) => ({ path, isFile: true, isExecutable: true, isThisOne })
const PODMAN: Runtime = { name: 'podman', pluginFolders: ['/usr/lib/cni', '/opt/cni/bin'], usesCni: 'surely' }
const CONTAINERD: Runtime = { name: 'containerd', pluginFolders: ['/elsewhere'], usesCni: 'perhaps' }
const NERDCTL: Runtime = { name: 'nerdctl', pluginFolders: ['/opt/cni/bin'], usesCni: 'surely' }
const podman = (name: 'cni' | 'netavark' | undefined, version?: string, isRefused = false): PodmanFacts => ({
  version,
  backend: name === undefined ? undefined : { name, source: '/c', isRefused },
  driver: undefined,
})
const DRIVER: PodmanDriver = {
  folders: ['/l/netavark', '/m/netavark'],
  path: '/l/netavark/flatnet-cni',
  isExecutable: true,
  networks: [{ path: '/n/flatnet.json', name: 'flatnet', subnets: ['10.87.1.0/24'] }],
  firewall: undefined,
}
const driver = (change: Partial<PodmanDriver>): Some =>
  facts({
    podman: { ...podman(undefined, '5.4.2'), driver: { ...DRIVER, ...change } },
    runtimes: [{ ...PODMAN, usesCni: 'no' }],
  })
const FACTS: ConflistFacts = {
  folders: ['/e'],
  files: [GOOD, OTHER],
  runtimes: [PODMAN],
  plugins: [plugin('/opt/cni/bin/flatnet-cni', true), plugin('/usr/lib/cni/bridge'),
    plugin('/usr/lib/cni/portmap')],
  podman: { ...podman('cni', '4.3.1'), driver: DRIVER },
} // prettier-ignore
const HEALTHY: Some = {
  role: { isBareLighthouse: false, isGateway: false },
  conflists: FACTS,
  settings: parseSettings([]),
  identity: {
    name: 'host-a',
    overlay: [],
    subnets: [parsePrefix('10.87.1.0/24') ?? { family: 4, value: 0n, length: 0 }],
    fingerprint: '',
  },
  // prettier-ignore
  settingsFile: { path: '/s/flatnet.json', isThere: true, problem: undefined },
}

const facts = (change: Partial<ConflistFacts>): Some => ({ conflists: { ...FACTS, ...change } })
const file = (plugins: readonly object[], more: object = {}): Some =>
  facts({ files: [list('/e/10-flatnet.conflist', plugins, more), OTHER] })
const withOther = (path: string, text: string): Some => facts({ files: [GOOD, readConflist(path, text, {})] })

const CASES: readonly Case[] = [
  ['no network', facts({ files: [OTHER], podman: podman('cni', '4.3.1') }), 'CNI-001', 'fail',
    /no file in \/e names flatnet-cni/],
  ['a lighthouse without containers',
    { ...facts({ files: [OTHER], podman: podman('cni', '4.3.1') }),
      role: { isBareLighthouse: true, isGateway: false } },
    'CNI-001', 'skip', /a lighthouse without containers/],
  ['only a network of podman 5',
    facts({ files: [OTHER], podman: { ...podman(undefined, '5.4.2'), driver: DRIVER } }), 'CNI-001', 'ok',
    /network flatnet \(\/n\/flatnet\.json\)/],
  ['a misspelt key', file([{ ...OURS, brige: 'x' }]), 'CNI-002', 'fail',
    /10-flatnet\.conflist unknown key: brige/],
  ['a wrong value', file([{ ...OURS, mtu: 1 }]), 'CNI-002', 'fail', /mtu: needs a whole number/],
  ['an unknown version', file([OURS], { cniVersion: '9.0.0' }), 'CNI-002', 'fail',
    /cniVersion 9\.0\.0 is not supported/],
  ['a foreign ipam', file([{ ...OURS, ipam: { type: 'host-local' } }]), 'CNI-002', 'fail', /ipam\.type/],
  ['no capabilities', file([{ type: 'flatnet-cni' }]), 'CNI-003', 'warn',
    /published ports \(-p\) do nothing.*fixed addresses/],
  ['another plugin publishes',
    file([{ ...OURS, capabilities: { ips: true, mac: true } },
    { type: 'portmap', capabilities: { portMappings: true } }]), 'CNI-003', 'ok', /ips, mac, portMappings/],
  ['after other plugins', file([{ type: 'bridge' }, OURS]), 'CNI-004', 'fail', /comes after bridge/],
  ['twice', file([OURS, OURS]), 'CNI-004', 'fail', /flatnet-cni, flatnet-cni/],
  ['flatnet-ipam as the address plugin',
    { ...file([{ ...OURS, type: 'bridge', ipam: { type: 'flatnet-ipam' } }]),
    conflists: { ...FACTS,
    files: [list('/e/1.conflist', [{ type: 'bridge', ipam: { type: 'flatnet-ipam' } }])],
    plugins: [...FACTS.plugins, plugin('/usr/lib/cni/flatnet-ipam', true)] } }, 'CNI-005', 'ok',
    /\/usr\/lib\/cni\/flatnet-ipam/],
  ['not where podman looks',
    facts({ plugins: [plugin('/elsewhere/flatnet-cni', true), plugin('/usr/lib/cni/bridge')] }), 'CNI-005',
    'fail', /flatnet-cni for podman not in \/usr\/lib\/cni, \/opt\/cni\/bin/],
  ['a dangling link in an earlier folder',
    facts({ plugins: [{ ...plugin('/usr/lib/cni/flatnet-cni'), isFile: false, isExecutable: false },
    ...FACTS.plugins] }), 'CNI-005', 'ok', /\/opt\/cni\/bin\/flatnet-cni/],
  ['not executable',
    facts({ plugins: [{ ...plugin('/opt/cni/bin/flatnet-cni'), isExecutable: false },
    plugin('/usr/lib/cni/bridge')] }), 'CNI-005', 'fail', /is not executable/],
  ['another version',
    facts({ plugins: [plugin('/opt/cni/bin/flatnet-cni', false), plugin('/usr/lib/cni/bridge')] }), 'CNI-006',
    'warn', /differs from/],
  ['a missing member of the chain', file([OURS, { type: 'tuning' }]), 'CNI-007', 'fail',
    /for podman tuning not in \/usr\/lib\/cni/],
  ['one name twice', withOther('/e/11.conflist', '{"name":"flatnet","plugins":[{"type":"bridge"}]}'),
    'CNI-008', 'fail', /network flatnet is also in \/e\/11\.conflist/],
  ['one bridge twice',
    withOther('/e/11.conflist', '{"name":"other","plugins":[{"type":"bridge","bridge":"flatnet0"}]}'),
    'CNI-008', 'fail', /bridge flatnet0 is also used by \/e\/11\.conflist/],
  ['another file that is not JSON', withOther('/e/99.conflist', '{'), 'CNI-009', 'fail',
    /99\.conflist .*JSON/],
  ['another file that is empty', withOther('/e/99.conf', ''), 'CNI-009', 'fail', /is empty/],
  ['a list without plugins', withOther('/e/99.conflist', '{"name":"n"}'), 'CNI-009', 'fail',
    /has no "plugins"/],
  ['a missing plugin', withOther('/e/99.conflist', '{"name":"n","plugins":[{"type":"weave-net"}]}'),
    'CNI-009', 'warn', /needs weave-net/],
  ['netavark', facts({ podman: podman('netavark', '4.3.1') }), 'CNI-010', 'warn', /netavark \(\/c\)/],
  ['podman 5 without the setting',
    facts({ podman: podman(undefined, '5.4.2'), runtimes: [{ ...PODMAN, usesCni: 'no' }] }), 'CNI-010', 'ok',
    /podman 5\.4\.2 has network drivers in place of CNI/],
  ['podman 5 configured for CNI, which it lacks',
    facts({ podman: podman('cni', '5.4.2', true), runtimes: [{ ...PODMAN, usesCni: 'no' }] }), 'CNI-010',
    'fail', /5\.4\.2 was built without CNI and refuses every command, for network_backend is cni/],
  ['podman 5 built with CNI', facts({ podman: podman('cni', '5.4.2') }), 'CNI-010', 'ok',
    /network_backend is cni/],
  ['podman and nerdctl',
    facts({ podman: podman('netavark', '4.3.1'), runtimes: [{ ...PODMAN, usesCni: 'no' }, NERDCTL] }),
    'CNI-010', 'skip', /nerdctl can use flatnet/],
  ['podman 4 that was never started', facts({ podman: podman(undefined, '4.3.1') }), 'CNI-010', 'skip',
    /does not say which backend/],
  ['no podman 5', facts({ podman: podman('cni', '4.3.1') }), 'CNI-012', 'skip', /podman 5 is not installed/],
  ['podman 5 and nerdctl',
    facts({ podman: { ...podman(undefined, '5.4.2'), driver: { ...DRIVER, path: undefined, networks: [] } },
    runtimes: [NERDCTL] }), 'CNI-012', 'skip', /nerdctl uses CNI/],
  ['no driver', driver({ path: undefined, networks: [] }), 'CNI-012', 'warn',
    /flatnet-cni is not in \/l\/netavark, \/m\/netavark/],
  ['no driver, and a network', driver({ path: undefined }), 'CNI-012', 'fail',
    /is not in .*, and \/n\/flatnet\.json uses it/],
  ['a driver that is a dangling link', driver({ isExecutable: false }), 'CNI-012', 'fail',
    /may not be executed, or leads nowhere/],
  ['no network of the driver', driver({ networks: [] }), 'CNI-012', 'warn', /no network of podman uses it/],
  ['a network of an earlier certificate',
    driver({ networks: [{ path: '/n/a.json', name: 'a', subnets: ['10.87.9.0/24'] }] }), 'CNI-012', 'warn',
    /\/n\/a\.json shows 10\.87\.9\.0\/24, and containers get addresses of 10\.87\.1\.0\/24/],
  ['a network made before the certificate',
    driver({ networks: [{ path: '/n/a.json', name: 'a', subnets: [] }] }), 'CNI-012', 'ok', /no subnet/],
  ['a firewall driver that is there', driver({ firewall: { name: 'none', source: '/c', lacks: undefined } }),
    'CNI-013', 'ok', /firewall_driver is none \(\/c\)/],
  ['a firewall driver without its program',
    driver({ firewall: { name: 'iptables', source: '/c', lacks: 'program iptables' } }), 'CNI-013', 'fail',
    /firewall_driver is iptables \(\/c\), and there is no program iptables/],
  ['no firewall driver to start', facts({ podman: podman('cni', '4.3.1') }), 'CNI-013', 'skip',
    /podman 5 is not installed/],
  ['no podman', facts({ runtimes: [NERDCTL], podman: undefined }), 'CNI-010', 'skip', /not installed/],
  ['no plugin for a containerd that may be unused', facts({ runtimes: [PODMAN, CONTAINERD] }), 'CNI-005',
    'warn', /for containerd not in \/elsewhere; it is unknown whether containerd is used with CNI/],
  ['no plugin for a containerd in use', facts({ runtimes: [PODMAN, { ...CONTAINERD, usesCni: 'surely' }] }),
    'CNI-005', 'fail', /for containerd not in \/elsewhere$/],
  ['a podman 5 needs no plugin',
    facts({ runtimes: [{ ...PODMAN, pluginFolders: ['/elsewhere'], usesCni: 'no' }, NERDCTL],
    podman: podman(undefined, '5.4.2') }), 'CNI-005', 'ok', /for nerdctl/],
  ['two state directories',
    facts({ files: [GOOD,
    list('/e/20.conflist', [{ ...OURS, stateDir: '/other', bridge: 'fn1' }], { name: 'two' })] }), 'CNI-011',
    'fail', /20\.conflist stateDir is \/other, but \/var\/lib\/cni\/flatnet according to \/s\/flatnet\.json/],
  ['two pools',
    facts({ files: [GOOD,
    list('/e/20.conflist', [{ ...OURS, pool: '10.99.0.0/16', bridge: 'fn1' }], { name: 'two' })] }),
    'CNI-011', 'fail', /pool is 10\.99\.0\.0\/16/],
  ['only a conflist overrides the settings file', file([{ ...OURS, stateDir: '/other' }]), 'CNI-011', 'fail',
    /stateDir is \/other/],
  ['a bridge that the settings file does not have', file([{ ...OURS, bridge: 'fn1' }]), 'CNI-011', 'warn',
    /bridge is fn1, but flatnet0 according to/],
  ['a second bridge',
    facts({ files: [GOOD, list('/e/20.conflist', [{ ...OURS, bridge: 'fn1' }], { name: 'two' })] }),
    'CNI-011', 'ok', /leases in/],
] // prettier-ignore

await breakOneByOne(t, CNI_ITEMS, HEALTHY, CASES)

t.test('the conflists that come with flatnet have no fault', async (t) => {
  const { readdirSync, readFileSync } = await import('node:fs')
  for (const name of readdirSync('conflist').filter((each) => each.endsWith('.conflist'))) {
    const { problem, refusals, settings } = readConflist(
      `/x/${name}`,
      readFileSync(`conflist/${name}`, 'utf8'),
      {},
    )
    t.same({ problem, refusals }, { problem: undefined, refusals: [] }, name)
    t.equal(settings?.stateDir, '/var/lib/cni/flatnet')
  }
})
