// Errors of a runtime or an operator in a call: standard input, variables, namespaces, link names.
import { join } from 'node:path'
import t from 'tap'
import { run } from '../../../../scripts/lab/run.ts'
import { EXECUTABLE, isRefused, variables, type Verb, whyNoHost } from '../../../fixtures/host/cni.ts'
import { type CallOptions, makeHost } from '../../../fixtures/host/host.ts'
import { show } from '../../../fixtures/host/netns.ts'

const skip = whyNoHost()

type Case = readonly [name: string, options: CallOptions, code: number, says: RegExp]

const STDIN: readonly Case[] = [
  ['empty', { stdin: '' }, 6, /is empty/],
  ['not JSON', { stdin: '{"cniVersion": "1.0.0", "name": ' }, 6, /not valid JSON/],
  ['a list', { stdin: '[]' }, 6, /not a JSON object/],
  ['of an unsupported version', { conf: { cniVersion: '9.9.9' } }, 1, /config is "9\.9\.9"/],
  ['with an invalid version', { conf: { cniVersion: 1 } }, 6, /cniVersion: 1 /],
  ['without a name', { conf: { name: undefined } }, 7, /name: /],
  ['with a name that leaves its folder', { conf: { name: '../x' } }, 7, /name: .*\.\.\/x/],
  ['with an unknown key', { conf: { colour: 'red' } }, 2, /colour: "red"/],
  ['with a key in the wrong case', { conf: { ipmasq: true } }, 2, /ipmasq: true .*did you mean ipMasq/],
  [
    'with an unknown key inside ours',
    { conf: { gateway: { vai: '10.0.0.1' } } },
    2,
    /gateway\.vai: "10\.0\.0\.1"/,
  ],
  ['with a text for the MTU', { conf: { mtu: 'big' } }, 7, /mtu: .*"big"/],
  ['with an MTU too small', { conf: { mtu: 68 } }, 7, /mtu: .*576.*68/],
  ['with a number for the bridge', { conf: { bridge: 5 } }, 7, /bridge: .*5/],
  [
    'with a bridge name too long',
    { conf: { bridge: 'flatnet-bridge-0' } },
    7,
    /bridge: .*longer than 15 bytes/,
  ],
  ['with a text for ipMasq', { conf: { ipMasq: 'yes' } }, 7, /ipMasq: needs true or false, got "yes"/],
  ['with a relative state directory', { conf: { stateDir: 'state' } }, 7, /stateDir: needs an absolute path/],
  [
    'with host bits in the pool',
    { conf: { pool: '10.87.1.0/16' } },
    7,
    /pool: host bits set in 10\.87\.1\.0\/16/,
  ],
  ['with metrics the wrong way round', { conf: { metrics: { p2p: 900 } } }, 7, /higher than metrics\.p2p/],
  [
    'with a gateway hop on no network',
    { conf: { gateway: { via: '172.31.9.9' } } },
    7,
    /172\.31\.9\.9 is on no network/,
  ],
  ['with another ipam plugin', { conf: { ipam: { type: 'host-local' } } }, 7, /ipam\.type: "host-local"/],
  [
    'with half a port mapping',
    { conf: { runtimeConfig: { portMappings: [{ hostPort: 80 }] } } },
    7,
    /runtimeConfig\.portMappings\[0\]\.containerPort: needs a port/,
  ],
  ['with an invalid prevResult', { conf: { prevResult: 'none' } }, 6, /prevResult/],
]

const VARIABLES: readonly Case[] = [
  ['no container ID', { containerID: '' }, 4, /ADD needs CNI_CONTAINERID/],
  [
    'a container ID that leaves its folder',
    { containerID: '../../etc' },
    4,
    /CNI_CONTAINERID="\.\.\/\.\.\/etc"/,
  ],
  ['no interface name and no namespace', { ifname: '', netns: '' }, 4, /ADD needs CNI_IFNAME, CNI_NETNS/],
  [
    'an interface name too long',
    { ifname: 'eth0123456789012' },
    4,
    /CNI_IFNAME="eth0123456789012": is longer than 15/,
  ],
  ['an interface name with a blank', { ifname: 'eth 0' }, 4, /CNI_IFNAME="eth 0"/],
  ['arguments that are not KEY=VALUE', { args: 'IP' }, 4, /CNI_ARGS: "IP" is not KEY=VALUE/],
  ['an unknown argument', { args: 'COLOUR=red' }, 4, /CNI_ARGS: unknown key "COLOUR"/],
  [
    'a relative namespace path',
    { netns: 'run/netns/x' },
    4,
    /CNI_NETNS="run\/netns\/x": not an absolute path/,
  ],
  [
    'a namespace that does not exist',
    { netns: '/run/netns/gone' },
    3,
    /CNI_NETNS=\/run\/netns\/gone: no such file/,
  ],
  [
    'a file that is not a namespace',
    { netns: '/etc/hostname' },
    8,
    /\/etc\/hostname exists, but is not a namespace/,
  ],
  [
    'a namespace of another kind',
    { netns: '/proc/self/ns/uts' },
    8,
    /\/proc\/self\/ns\/uts is a namespace of kind "uts"; give one of kind "net"/,
  ],
]

t.test('ADD refuses', { skip }, async (t) => {
  const host = await makeHost(t)
  for (const [what, cases] of [['a configuration', STDIN] as const, ['a call with', VARIABLES] as const]) {
    for (const [name, options, code, says] of cases) {
      await t.test(`${what} ${name}`, async (t) => {
        isRefused(t, await host.call('ADD', await host.container(), options), code, says)
        t.same(await host.remains(), [], 'nothing is left')
      })
    }
  }

  await t.test('a configuration in UTF-16', async (t) => {
    const stdin = `\uFEFF${JSON.stringify(host.conf())}`
    const shell = ['sh', '-c', 'iconv -f UTF-8 -t UTF-16LE | exec "$0"', EXECUTABLE]
    const container = await host.container()
    const call = { containerID: container.name, netns: container.path, stdin }
    const outcome = await run(shell, { check: false, env: variables('ADD', call), input: stdin })
    isRefused(t, outcome, 6, /network configuration: is UTF-16 text/)
  })

  await t.test('a mounted namespace of another kind, in the form runtimes use', async (t) => {
    const path = join(host.folder, 'uts')
    const mounts = `touch ${path}\nmount --bind /proc/self/ns/uts ${path}`
    const outcome = await host.call('ADD', await host.container(), { netns: path, mounts })
    isRefused(t, outcome, 8, /uts is a namespace of kind "uts"; give one of kind "net"/)
    t.same(await host.remains(), [], 'nothing is left')
  })

  await t.test('the host’s own namespace', async (t) => {
    const outcome = await host.call('ADD', await host.container(), { netns: host.netns.path })
    isRefused(t, outcome, 8, /is the host's network namespace/)
    t.same(await host.remains(), [], 'nothing is left')
  })

  await t.test('an unknown verb', async (t) => {
    const container = await host.container()
    isRefused(t, await host.call('ADDD' as Verb, container), 4, /CNI_COMMAND=ADDD/)
  })

  await t.test('a user namespace, as rootless runtimes use it', async (t) => {
    const container = await host.container()
    const call = { containerID: container.name, netns: container.path, stdin: '' }
    const outcome = await run(['unshare', '--user', '--map-root-user', '--net', EXECUTABLE], {
      check: false,
      env: variables('ADD', call),
      input: JSON.stringify(host.conf()),
    })
    isRefused(t, outcome, 4, /rootless podman and nerdctl/)
  })

  await t.test('an interface name that the container has, without changing that interface', async (t) => {
    const container = await host.container()
    await container.batch(['link add name eth0 type veth peer name other'])
    const links = await show(container, ['link', 'show'])
    isRefused(t, await host.call('ADD', container), 105, /interface exists: eth0 is in \S+ already/)
    t.same(await host.remains(), [], 'nothing is left')
    t.same(await show(container, ['link', 'show']), links)
  })

  await t.test('a bridge name that another link has, without changing that link', async (t) => {
    await host.netns.batch([
      'link add name taken9 type veth peer name other9',
      'address add 10.99.0.1/24 dev taken9',
    ])
    const addresses = (): Promise<readonly unknown[]> =>
      show(host.netns, ['address', 'show', 'dev', 'taken9'])
    const before = await addresses()
    const outcome = await host.call('ADD', await host.container(), { conf: { bridge: 'taken9' } })
    isRefused(t, outcome, 7, /bridge: taken9 exists but is not a bridge \(veth\)/)
    t.same(await addresses(), before)
    await host.netns.batch(['link delete taken9'])
    t.same(await host.remains(), [], 'nothing is left')
  })
})
