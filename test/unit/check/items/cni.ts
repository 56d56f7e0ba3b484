import t from 'tap'
import { readConflist } from '../../../../src/check/conflist.ts'
import { parseSettings } from '../../../../src/config/settings.ts'
import type { ConflistFacts, PodmanFacts, Runtime } from '../../../../src/check/facts/conflists.ts'
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
})
const FACTS: ConflistFacts = {
  folders: ['/e'],
  files: [GOOD, OTHER],
  runtimes: [PODMAN],
  plugins: [plugin('/opt/cni/bin/flatnet-cni', true), plugin('/usr/lib/cni/bridge'), plugin('/usr/lib/cni/portmap')],
  podman: podman('cni', '4.3.1'),
} // prettier-ignore
const HEALTHY: Some = {
  conflists: FACTS,
  settings: parseSettings([]),
  settingsFile: { path: '/s/flatnet.json', isThere: true, problem: undefined },
}

const facts = (change: Partial<ConflistFacts>): Some => ({ conflists: { ...FACTS, ...change } })
const file = (plugins: readonly object[], more: object = {}): Some =>
  facts({ files: [list('/e/10-flatnet.conflist', plugins, more), OTHER] })
const withOther = (path: string, text: string): Some => facts({ files: [GOOD, readConflist(path, text, {})] })

const CASES: readonly Case[] = [
  ['no network', facts({ files: [OTHER] }), 'CNI-001', 'fail', /no file in \/e names flatnet-cni/],
  ['a misspelt key', file([{ ...OURS, brige: 'x' }]), 'CNI-002', 'fail', /10-flatnet\.conflist unknown key: brige/],
  ['a wrong value', file([{ ...OURS, mtu: 1 }]), 'CNI-002', 'fail', /mtu: needs a whole number/],
  ['a version of the future', file([OURS], { cniVersion: '9.0.0' }), 'CNI-002', 'fail', /cniVersion 9\.0\.0 is not known/],
  ['a foreign ipam', file([{ ...OURS, ipam: { type: 'host-local' } }]), 'CNI-002', 'fail', /ipam\.type/],
  ['no capabilities', file([{ type: 'flatnet-cni' }]), 'CNI-003', 'warn', /published ports \(-p\) do nothing.*fixed addresses/],
  ['another plugin publishes', file([{ ...OURS, capabilities: { ips: true, mac: true } }, { type: 'portmap', capabilities: { portMappings: true } }]), 'CNI-003', 'ok', /ips, mac, portMappings/],
  ['behind others', file([{ type: 'bridge' }, OURS]), 'CNI-004', 'fail', /comes after bridge/],
  ['twice', file([OURS, OURS]), 'CNI-004', 'fail', /twice/],
  ['flatnet-ipam as the address plugin', { ...file([{ ...OURS, type: 'bridge', ipam: { type: 'flatnet-ipam' } }]), conflists: { ...FACTS, files: [list('/e/1.conflist', [{ type: 'bridge', ipam: { type: 'flatnet-ipam' } }])], plugins: [...FACTS.plugins, plugin('/usr/lib/cni/flatnet-ipam', true)] } }, 'CNI-005', 'ok', /\/usr\/lib\/cni\/flatnet-ipam/],
  ['not where podman looks', facts({ plugins: [plugin('/elsewhere/flatnet-cni', true), plugin('/usr/lib/cni/bridge')] }), 'CNI-005', 'fail', /flatnet-cni for podman not in \/usr\/lib\/cni, \/opt\/cni\/bin/],
  ['a link that leads nowhere in an earlier folder', facts({ plugins: [{ ...plugin('/usr/lib/cni/flatnet-cni'), isFile: false, isExecutable: false }, ...FACTS.plugins] }), 'CNI-005', 'ok', /\/opt\/cni\/bin\/flatnet-cni/],
  ['not executable', facts({ plugins: [{ ...plugin('/opt/cni/bin/flatnet-cni'), isExecutable: false }, plugin('/usr/lib/cni/bridge')] }), 'CNI-005', 'fail', /may not be executed/],
  ['another version', facts({ plugins: [plugin('/opt/cni/bin/flatnet-cni', false), plugin('/usr/lib/cni/bridge')] }), 'CNI-006', 'warn', /another version/],
  ['a missing member of the chain', file([OURS, { type: 'tuning' }]), 'CNI-007', 'fail', /for podman tuning not in \/usr\/lib\/cni/],
  ['one name twice', withOther('/e/11.conflist', '{"name":"flatnet","plugins":[{"type":"bridge"}]}'), 'CNI-008', 'fail', /network flatnet is in \/e\/11\.conflist as well/],
  ['one bridge twice', withOther('/e/11.conflist', '{"name":"other","plugins":[{"type":"bridge","bridge":"flatnet0"}]}'), 'CNI-008', 'fail', /bridge flatnet0 is used by \/e\/11\.conflist/],
  ['no JSON beside it', withOther('/e/99.conflist', '{'), 'CNI-009', 'fail', /99\.conflist .*JSON/],
  ['an empty file beside it', withOther('/e/99.conf', ''), 'CNI-009', 'fail', /is empty/],
  ['a list without plugins', withOther('/e/99.conflist', '{"name":"n"}'), 'CNI-009', 'fail', /has no "plugins"/],
  ['a plugin that is not there', withOther('/e/99.conflist', '{"name":"n","plugins":[{"type":"weave-net"}]}'), 'CNI-009', 'warn', /names weave-net/],
  ['netavark', facts({ podman: podman('netavark', '4.3.1') }), 'CNI-010', 'warn', /netavark \(\/c\)/],
  ['podman 5 and no setting', facts({ podman: podman(undefined, '5.4.2'), runtimes: [{ ...PODMAN, usesCni: 'no' }] }), 'CNI-010', 'warn', /podman 5\.4\.2 is usually built without CNI/],
  ['podman 5 told to use what it has not', facts({ podman: podman('cni', '5.4.2', true), runtimes: [{ ...PODMAN, usesCni: 'no' }] }), 'CNI-010', 'warn', /5\.4\.2 is usually built without CNI, and network_backend is cni/],
  ['podman 5 built with CNI', facts({ podman: podman('cni', '5.4.2') }), 'CNI-010', 'ok', /network_backend is cni/],
  ['podman beside nerdctl', facts({ podman: podman('netavark', '5.4.2'), runtimes: [{ ...PODMAN, usesCni: 'no' }, NERDCTL] }), 'CNI-010', 'skip', /nerdctl can use flatnet/],
  ['podman 4 that was never started', facts({ podman: podman(undefined, '4.3.1') }), 'CNI-010', 'skip', /says nowhere/],
  ['no podman', facts({ runtimes: [NERDCTL], podman: undefined }), 'CNI-010', 'skip', /not installed/],
  ['no plugin for a containerd that nobody may call', facts({ runtimes: [PODMAN, CONTAINERD] }), 'CNI-005', 'warn', /for containerd not in \/elsewhere; whether anything calls containerd for CNI is not known/],
  ['no plugin for a containerd that is called', facts({ runtimes: [PODMAN, { ...CONTAINERD, usesCni: 'surely' }] }), 'CNI-005', 'fail', /for containerd not in \/elsewhere$/],
  ['a podman 5 needs no plugin', facts({ runtimes: [{ ...PODMAN, pluginFolders: ['/elsewhere'], usesCni: 'no' }, NERDCTL], podman: podman(undefined, '5.4.2') }), 'CNI-005', 'ok', /for nerdctl/],
  ['two state directories', facts({ files: [GOOD, list('/e/20.conflist', [{ ...OURS, stateDir: '/other', bridge: 'fn1' }], { name: 'two' })] }), 'CNI-011', 'fail', /20\.conflist stateDir is \/other, and \/var\/lib\/cni\/flatnet by \/s\/flatnet\.json/],
  ['two pools', facts({ files: [GOOD, list('/e/20.conflist', [{ ...OURS, pool: '10.99.0.0/16', bridge: 'fn1' }], { name: 'two' })] }), 'CNI-011', 'fail', /pool is 10\.99\.0\.0\/16/],
  ['a conflist alone overrides the settings file', file([{ ...OURS, stateDir: '/other' }]), 'CNI-011', 'fail', /stateDir is \/other/],
  ['a bridge that the settings file does not know', file([{ ...OURS, bridge: 'fn1' }]), 'CNI-011', 'warn', /bridge is fn1, and flatnet0 by/],
  ['a second bridge', facts({ files: [GOOD, list('/e/20.conflist', [{ ...OURS, bridge: 'fn1' }], { name: 'two' })] }), 'CNI-011', 'ok', /leases in/],
] // prettier-ignore

void breakOneByOne(t, CNI_ITEMS, HEALTHY, CASES)

t.test('the conflists that come with flatnet are taken', async (t) => {
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
