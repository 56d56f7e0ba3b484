// podman with the files in conflist/, each alone in /etc/cni/net.d, and with Debian's other plugins chained
// after ours.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import { IMAGE } from '../../../scripts/lab/host/podman.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { networksOf, podman, remainsOn, removeContainer, runWeb } from '../../fixtures/runtimes/podman.ts'

const FOLDER = join(import.meta.dirname, '../../../conflist')
const NET_D = '/etc/cni/net.d'

interface Conflist {
  readonly cniVersion: string
  readonly name: string
  readonly plugins: readonly ({ readonly type: string } & Readonly<Record<string, unknown>>)[]
}

const CHAIN: Conflist = {
  cniVersion: '1.0.0',
  name: 'chained',
  plugins: [
    {
      type: 'flatnet-cni',
      capabilities: { ips: true, mac: true },
      dns: { nameservers: ['192.0.2.53'], search: ['office.example'] },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
    { type: 'firewall', backend: 'iptables' },
    { type: 'tuning', sysctl: { 'net.ipv4.conf.eth0.log_martians': '1' } },
    { type: 'bandwidth', ingressRate: 8_000_000, ingressBurst: 8_000_000 },
  ],
}

/** Puts one file, and no other, into podman's folder of networks. */
async function install(host: LabHost, file: string, text: string): Promise<void> {
  await host.exec(['sh', '-c', `rm -f ${NET_D}/*; cat > ${NET_D}/${file}`], { input: text })
}

/** Returns the CNI versions that a plugin of the host supports. */
async function versionsOf(host: LabHost, type: string): Promise<readonly string[]> {
  const { stdout: path } = await host.exec([
    'sh',
    '-c',
    'for folder in /opt/cni/bin /usr/lib/cni; do [ -x "$folder/$1" ] && echo "$folder/$1" && break; done',
    'sh',
    type,
  ])
  const env = {
    CNI_COMMAND: 'VERSION',
    CNI_CONTAINERID: 'any',
    CNI_NETNS: '/any',
    CNI_IFNAME: 'any',
    CNI_PATH: '/opt/cni/bin',
  }
  const { stdout } = await host.exec([path], { input: '{"cniVersion":"1.0.0"}', env })
  return (JSON.parse(stdout) as { supportedVersions: string[] }).supportedVersions
}

t.test('network configurations', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `tconf${process.pid}`, hosts: 1 })
  t.teardown(() => lab.down())
  const a = lab.host('a')

  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.conflist'))
  t.match(files, ['10-flatnet-chain.conflist', '10-flatnet.conflist', '20-flatnet-ipam-bridge.conflist'])
  for (const file of files) {
    await t.test(`${file} loads, all its plugins support its version, and podman runs with it`, async (t) => {
      const text = readFileSync(join(FOLDER, file), 'utf8')
      const conflist = JSON.parse(text) as Conflist
      for (const { type } of conflist.plugins) {
        t.ok((await versionsOf(a, type)).includes(conflist.cniVersion), type)
      }
      await install(a, file, text)
      const listed = new RegExp(`\\b${conflist.name} +${conflist.plugins[0]?.type ?? ''}\\b`)
      t.match((await podman(a, ['network', 'ls'])).stdout, listed)
      await runWeb(a, 'web', ['--network', conflist.name, '-p', '8080:80'])
      t.equal((await a.exec(['curl', '-sf', '-m', '60', 'http://127.0.0.1:8080/'])).stdout, 'hello from web')
      await removeContainer(a, 'web')
      t.same(await remainsOn(a), [])
    })
  }

  await t.test('portmap, firewall, tuning and bandwidth work after ours', async (t) => {
    await install(a, '20-chained.conflist', JSON.stringify(CHAIN))
    const web = await runWeb(a, 'web', ['--network', 'chained', '-p', '8080:80'])
    t.match((await networksOf(a, 'web'))['chained'], { IPPrefixLen: 24, Gateway: '10.87.1.1' })
    t.equal(
      (await a.exec(['curl', '-sf', '-m', '60', 'http://127.0.0.1:8080/'])).stdout,
      'hello from web',
      'portmap',
    )
    t.match(
      (await a.exec(['iptables-save'])).stdout,
      new RegExp(`CNI-FORWARD -s ${web.address}/32 -j ACCEPT`),
      'firewall',
    )
    const { stdout: setting } = await web.exec(['cat', '/proc/sys/net/ipv4/conf/eth0/log_martians'])
    t.equal(setting, '1', 'tuning')
    t.match(
      (await a.exec(['tc', 'qdisc', 'show'])).stdout,
      /qdisc tbf .* dev veth\w+ root .* rate 8Mbit/,
      'bandwidth',
    )
    await removeContainer(a, 'web')
    t.same(await remainsOn(a), [])
    t.notMatch((await a.exec(['tc', 'qdisc', 'show'])).stdout, 'tbf')
  })

  await t.test("name servers of the configuration are in the container's resolv.conf", async (t) => {
    const run = ['run', '--rm', '--network', 'chained', IMAGE, 'cat', '/etc/resolv.conf']
    t.match((await podman(a, run)).stdout, /^nameserver 192\.0\.2\.53$/m)
  })
})
