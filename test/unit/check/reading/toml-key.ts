import t from 'tap'
import { tomlKey } from '../../../../src/check/reading/toml-key.ts'

const TEXT = `# network_backend = "none"
[containers]
network_backend = "elsewhere"
[network]
#network_backend = "netavark"
network_backend = "cni" # as it should be
cni_plugin_dirs = [
  "/opt/cni/bin",
  # "/not/this",
  '/usr/lib/cni',
]
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
`

t.test('one key of one section is read', async (t) => {
  t.same(tomlKey(TEXT, 'network', 'network_backend'), ['cni'])
  t.same(tomlKey(TEXT, 'network', 'cni_plugin_dirs'), ['/opt/cni/bin', '/usr/lib/cni'])
  t.same(tomlKey(TEXT, 'plugins.io.containerd.grpc.v1.cri.cni', 'bin_dir'), ['/usr/lib/cni'])
  t.equal(tomlKey(TEXT, 'network', 'bin_dir'), undefined, 'of another section')
  t.equal(tomlKey(TEXT, 'engine', 'runtime'), undefined, 'no such section')
  t.equal(tomlKey('', 'network', 'x'), undefined)
})
