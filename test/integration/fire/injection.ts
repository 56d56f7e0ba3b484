// Malicious names, addresses and paths: no shell sees them, and no program takes them for an option.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { run } from '../../../scripts/lab/run.ts'
import { commandsAsText } from '../../../scripts/soak/hostile.ts'
import { compare, takePicture } from '../../../scripts/soak/picture.ts'
import { EXECUTABLE, variables, whyNoHost } from '../../fixtures/host/cni.ts'
import { type Conf, makeHost } from '../../fixtures/host/host.ts'

const skip = spawnSync('strace', ['-V']).status === 0 ? whyNoHost() : 'strace is not installed'

type Place = (text: string) => { readonly conf?: Conf; readonly env?: Readonly<Record<string, string>> }

// Every place where a runtime, a conflist or a user of `podman run` can put a text.
const PLACES: Readonly<Record<string, Place>> = {
  'the container ID': (text) => ({ env: { CNI_CONTAINERID: text } }),
  'the interface name': (text) => ({ env: { CNI_IFNAME: text } }),
  'the namespace': (text) => ({ env: { CNI_NETNS: text } }),
  'a namespace below a real path': (text) => ({ env: { CNI_NETNS: `/proc/self/ns/${text}` } }),
  'the argument IP': (text) => ({ env: { CNI_ARGS: `IP=${text}` } }),
  'an argument that is ignored': (text) => ({ env: { CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAME=${text}` } }),
  'the PATH of plugins': (text) => ({ env: { CNI_PATH: text } }),
  'the name of the network': (text) => ({ conf: { name: text } }),
  'the bridge': (text) => ({ conf: { bridge: text } }),
  'the gateway’s hop': (text) => ({ conf: { gateway: { via: text } } }),
  'the gateway’s link': (text) => ({ conf: { gateway: { dev: text } } }),
  'the nebula link': (text) => ({ conf: { nebula: { device: text } } }),
  'the CA’s path': (text) => ({ conf: { nebula: { ca: `/${text}` } } }),
  'the pool': (text) => ({ conf: { pool: text } }),
  'a peer’s gateway': (text) => ({ conf: { peerGateways: { '10.86.2.1': text } } }),
  'a peer’s address': (text) => ({ conf: { peerGateways: { [text]: '192.168.77.1' } } }),
  'the address asked for': (text) => ({ conf: { runtimeConfig: { ips: [text] } } }),
  'the MAC asked for': (text) => ({ conf: { runtimeConfig: { mac: text } } }),
  'the resolver': (text) => ({ conf: { dns: { nameservers: [text], domain: text, search: [text] } } }),
  'the result before': (text) => ({
    conf: {
      prevResult: {
        interfaces: [{ name: text, mac: text }],
        ips: [{ address: text }],
        routes: [{ dst: text }],
      },
    },
  }),
}

// The arguments that our programs get in any call; only the namespace comes from the call.
const ALLOWED = [
  /^flatnet-cni$/,
  /^ip -batch -$/,
  /^ip -j (-details )?(link|address|route) show( [a-z0-9 ]+)?$/,
  /^nft (--terse )?-f -$/,
  /^nsenter --net=\/run\/netns\/[a-z0-9]+ ip -batch -$/,
  // The script of src/exec/network/scripts.ts: link, namespace, two batches, and texts for nft.
  /^sh -c n= m= o= i=-\n[^]*>&5 sh veth[0-9a-f]+ \/run\/netns\/[a-z0-9]+ [\w.:/@%+=, \n-]+$/,
  /^nsenter --net=\/run\/netns\/[a-z0-9]+ ip -j link show dev eth0$/,
]

t.test('a hostile text never becomes a command or an option', { skip }, async (t) => {
  const host = await makeHost(t)
  await host.add(await host.container())
  const container = await host.container()
  const canary = join(host.folder, 'canary')
  const trace = join(host.folder, 'trace')
  const texts = commandsAsText(canary)
  for (const [index, [name, place]] of Object.entries(PLACES).entries()) {
    await t.test(`in ${name}`, async (t) => {
      // Three of them in turn; the soak's many calls try every combination.
      for (let turn = 0; turn < 3; turn++) {
        const text = texts[(index * 3 + turn) % texts.length] ?? ''
        const { conf, env } = place(text)
        const stdin = JSON.stringify(host.conf(conf))
        const call = { containerID: container.name, netns: container.path, stdin }
        const before = await takePicture(host, [container])
        const strace = [
          'strace',
          '-f',
          '-qq',
          '-s',
          '4096',
          '-e',
          'trace=execve',
          '-e',
          'signal=none',
          '-o',
          trace,
        ]
        const outcome = await run(['nsenter', `--net=${host.netns.path}`, ...strace, EXECUTABLE], {
          check: false,
          input: stdin,
          env: { ...variables('ADD', call), ...env },
        })
        const started = startedPrograms(readFileSync(trace, 'utf8'))
        t.same(
          started.filter((line) => !ALLOWED.some((allowed) => allowed.test(line))),
          [],
          JSON.stringify(text),
        )
        t.notOk(existsSync(canary), 'the text was not run')
        if (outcome.exitCode !== 0) {
          t.match(JSON.parse(outcome.stdout), { code: Number, msg: String }, outcome.stdout)
          t.same(compare(before, await takePicture(host, [container])), [], 'nothing changed')
        }
        const gone = await host.call('DEL', container, { conf: { name: 'flatnet' } })
        t.equal(gone.exitCode, 0, gone.stdout)
      }
    })
  }
})

// Programs that were started, without those only searched for along the PATH. The first of each path is the
// name alone.
function startedPrograms(trace: string): readonly string[] {
  return (
    trace
      .split('\n')
      // With several processes at a time, the result may follow in a line of its own.
      .filter((line) => line.includes('execve(') && / = 0$|<unfinished \.\.\.>$/.test(line))
      .map((line) => /execve\("[^"]*", (\[.*\]), 0x/.exec(line)?.[1] ?? line)
      .map((argv) => (argv.startsWith('[') ? (JSON.parse(argv) as string[]).join(' ') : argv))
      .map((line) => line.replace(/^\/\S*\//, ''))
  )
}
