// The ways to podman 5 beside its command line: Docker's API, compose, a network's file by hand. And one that
// is closed, podman without root.

import { join } from 'node:path'
import t, { type Test } from 'tap'
import { IMAGE } from '../../../../scripts/lab/host/podman.ts'
import { whyNoPodman5 } from '../../../../scripts/lab/podman5/packages.ts'
import { type Outcome, run, waitUntil } from '../../../../scripts/lab/run.ts'
import { whyNoHost } from '../../../fixtures/host/cni.ts'
import { networkOf, sleeping } from '../../../fixtures/runtimes/podman5/containers.ts'
import { makePodman5, type Podman5 } from '../../../fixtures/runtimes/podman5/host.ts'

const skip = whyNoHost() || whyNoPodman5('trixie')

t.test('podman 5 otherwise', { skip }, async (t) => {
  const podman5 = await makePodman5(t, 'trixie')
  await podman5.podman(['network', 'create', '-d', 'flatnet-cni', 'flatnet'])
  await t.test("Docker's API", (t) => overApi(t, podman5))
  await t.test('podman-compose', (t) => composes(t, podman5))
  await t.test("a network's file by hand", (t) => readsFile(t, podman5))
  await t.test('a network that tells its containers of names', (t) => tellsNames(t, podman5))
  await t.test('podman without root', (t) => refusesRootless(t, podman5))
})

// podman lets the network's resolvers replace those of --dns, and does not tell a driver that there are any.
async function tellsNames(t: Test, { podman, exec }: Podman5): Promise<void> {
  await podman(['network', 'create', '-d', 'flatnet-cni', '-o', 'names.give=true', 'named'])
  const resolvConf = async (...options: string[]): Promise<string> => {
    const common = ['podman', 'run', '--rm', ...options, IMAGE, 'cat', '/etc/resolv.conf']
    return (await exec(common)).stdout
  }
  t.match(await resolvConf('--network', 'named'), /search flatnet\.internal[^]*nameserver 10\.87\.1\.1$/m)
  t.notMatch(await resolvConf('--network', 'flatnet'), /flatnet|10\.87/, 'others keep their own')
  t.match(await resolvConf('--network', 'flatnet', '--dns', '192.0.2.9'), /nameserver 192\.0\.2\.9/)
}

async function overApi(t: Test, podman5: Podman5): Promise<void> {
  const { host, exec } = podman5
  // The test's folder is the same file system inside the host, so the socket is reached from here.
  const socket = join(host.folder, 'podman.sock')
  const serve = `podman system service --time=0 unix://${socket} >/dev/null 2>&1 & echo $!`
  const service = (await exec(['sh', '-c', serve])).stdout
  const ask = async (method: string, path: string, body?: object): Promise<string> => {
    const json = ['-H', 'Content-Type: application/json', '-d', JSON.stringify(body ?? {})]
    const url = `http://d/v1.41${path}`
    const argv = ['curl', '-s', '-m', '120', '-w', '\n%{http_code}', '-X', method, '--unix-socket', socket]
    return (await run([...argv, ...(body === undefined ? [] : json), url], { check: false })).stdout
  }
  await waitUntil('the service answers', 60_000, async () => (await ask('GET', '/_ping')).endsWith('200'))

  const network = { Name: 'api', Driver: 'flatnet-cni', Options: { mtu: '1290' } }
  const IPAM = { Config: [{ Subnet: '10.87.1.0/24', IPRange: '10.87.1.128/25' }] }
  t.match(await ask('POST', '/networks/create', { ...network, IPAM }), /\n201$/)
  const elsewhere = { ...network, Name: 'no', IPAM: { Config: [{ Subnet: '10.87.9.0/24' }] } }
  t.match(
    await ask('POST', '/networks/create', elsewhere),
    /10\.87\.9\.0\/24 is not in this host's certificate/,
  )
  const EndpointsConfig = { api: { IPAMConfig: { IPv4Address: '10.87.1.140' }, Aliases: ['www'] } }
  const container = {
    Image: IMAGE,
    Cmd: ['sleep', '100000'],
    HostConfig: { NetworkMode: 'api', PortBindings: { '80/tcp': [{ HostPort: '8086' }] } },
    NetworkingConfig: { EndpointsConfig },
  }
  t.match(await ask('POST', '/containers/create?name=one', container), /\n201$/)
  t.match(await ask('POST', '/containers/one/start'), /204$/)
  t.match(await networkOf(podman5, 'one', 'api'), { IPAddress: '10.87.1.140' })
  t.match((await exec(['podman', 'exec', 'one', 'ip', 'link', 'show', 'eth0'])).stdout, /mtu 1290/)
  t.match((await host.cli(['ps'])).stdout, /one, www .* 10\.87\.1\.140 .*8086/)
  const endpoint = { Container: 'one', EndpointConfig: { IPAMConfig: { IPv4Address: '10.87.1.99' } } }
  t.match(await ask('POST', '/networks/flatnet/connect', endpoint), /200$/)
  t.match(await networkOf(podman5, 'one'), { IPAddress: '10.87.1.99' })
  t.match(await ask('POST', '/networks/flatnet/disconnect', { Container: 'one', Force: true }), /200$/)
  const anywhere = {
    ...container,
    HostConfig: { NetworkMode: 'api' },
    NetworkingConfig: { EndpointsConfig: { api: {} } },
  }
  t.match(await ask('POST', '/containers/create?name=two', anywhere), /\n201$/)
  t.match(await ask('POST', '/containers/two/start'), /204$/)
  t.match(
    await networkOf(podman5, 'two', 'api'),
    { IPAddress: /^10\.87\.1\.(12[89]|1[3-9]\d|2\d\d)$/ },
    'one of its range',
  )
  for (const name of ['one', 'two'])
    t.match(await ask('DELETE', `/containers/${name}?force=true`), /(200|204)$/)
  t.match(await ask('DELETE', '/networks/api'), /(200|204)$/)
  await exec(['kill', service])
  t.same(await host.remains(), [])
}

const COMPOSE = `services:
  web:
    image: ${IMAGE}
    command: [sleep, "100000"]
    ports: ["8087:80"]
    networks: { office: { ipv4_address: 10.87.1.90, aliases: [www] } }
  other:
    image: ${IMAGE}
    command: [sleep, "100000"]
    networks: { flatnet: { ipv4_address: 10.87.1.91 } }
networks:
  office:
    driver: flatnet-cni
    driver_opts: { mtu: "1290" }
    ipam: { driver: none }
  flatnet: { external: true }
`

async function composes(t: Test, podman5: Podman5): Promise<void> {
  const { host, exec } = podman5
  const compose = (...args: string[]): Promise<Outcome> =>
    exec(['sh', '-ec', 'cd /srv/shop; exec podman-compose "$@"', 'sh', ...args])
  await exec(['sh', '-ec', 'mkdir -p /srv/shop; cat >/srv/shop/compose.yaml'], { input: COMPOSE })
  await compose('up', '-d')
  t.match(await networkOf(podman5, 'shop_web_1', 'shop_office'), { IPAddress: '10.87.1.90' })
  t.match(await networkOf(podman5, 'shop_other_1'), { IPAddress: '10.87.1.91' })
  const show = ['podman', 'exec', 'shop_web_1', 'ip', 'link', 'show', 'eth0']
  t.match((await exec(show)).stdout, /mtu 1290/)
  t.match((await host.cli(['ps'])).stdout, /shop_web_1.* 10\.87\.1\.90 .*8087/)
  await exec(['podman', 'exec', 'shop_web_1', 'ping', '-c', '1', '-W', '20', '10.87.1.91'])
  await compose('down', '-t', '0')
  t.same(await host.remains(), [])
}

async function readsFile(t: Test, podman5: Podman5): Promise<void> {
  const { host, exec, podman } = podman5
  const file = JSON.stringify({
    name: 'hand',
    id: 'a'.repeat(64),
    driver: 'flatnet-cni',
    ipam_options: { driver: 'none' },
  })
  await exec(['sh', '-ec', 'cat >/etc/containers/networks/hand.json'], { input: file })
  await sleeping(podman5, 'one', ['--network', 'hand'])
  t.match(await networkOf(podman5, 'one', 'hand'), { IPAddress: /^10\.87\.1\./, Gateway: '10.87.1.1' })
  await podman(['network', 'rm', '-f', '-t', '0', 'hand'])
  t.same(await host.remains(), [])
}

// A user with a range of subordinate IDs, and with the network's file as root would have it.
const USER = `echo 'user:x:1000:1000::/home/user:/bin/sh' >>/etc/passwd
echo 'user:x:1000:' >>/etc/group
for file in /etc/subuid /etc/subgid; do echo 'user:100000:65536' >$file; done
for folder in /home/user /run/user/1000; do mkdir -p $folder; chown 1000:1000 $folder; done
chmod 666 /dev/net/tun`

async function refusesRootless(t: Test, { host, exec }: Podman5): Promise<void> {
  await exec(['sh', '-ec', USER])
  const asUser = (script: string): Promise<Outcome> => {
    const become = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups', 'env']
    const env = ['HOME=/home/user', 'XDG_RUNTIME_DIR=/run/user/1000']
    return exec([...become, ...env, 'sh', '-ec', `cd; ${script}`], { check: false })
  }
  const made = await asUser('podman network create -d flatnet-cni flatnet')
  t.equal(made.exitCode, 125, made.stderr)
  t.match(made.stderr, /root is needed: .*sudo podman/)
  const networks = '/home/user/.local/share/containers/storage/networks'
  await asUser(`mkdir -p ${networks}; podman import --quiet /bb.tar ${IMAGE}`)
  await exec(['cp', '/etc/containers/networks/flatnet.json', networks])
  const started = await asUser(`podman run --rm --network flatnet ${IMAGE} true`)
  t.equal(started.exitCode, 126, started.stderr)
  t.match(started.stderr, /root is needed: .*sudo podman/)
  t.same(await host.remains(), [], 'and nothing is made in the host')
}
