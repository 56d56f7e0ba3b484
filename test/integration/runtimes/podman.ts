// podman with the network of conflist/10-flatnet.conflist: what a user requests and gets.
import t from 'tap'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import { IMAGE } from '../../../scripts/lab/host/podman.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import {
  leasesOn,
  networksOf,
  podman,
  remainsOn,
  removeContainer,
  runWeb,
} from '../../fixtures/runtimes/podman.ts'
import { lastClientOf, pageFrom } from '../../fixtures/traffic/reach.ts'

const ON = ['--network', 'flatnet']

async function runOnce(host: LabHost, options: readonly string[], command: readonly string[]) {
  return podman(host, ['run', '--rm', ...ON, ...options, IMAGE, ...command], { check: false })
}

t.test('podman on the network flatnet', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `tpod${process.pid}` })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')]
  t.afterEach(async () => {
    for (const host of lab.hosts) await podman(host, ['rm', '-f', '-a', '-t', '0'])
  })

  await t.test('podman lists and shows the network', async (t) => {
    t.match((await podman(a, ['network', 'ls'])).stdout, /\bflatnet +flatnet-cni\b/)
    const { stdout } = await podman(a, ['network', 'inspect', 'flatnet'])
    t.match(JSON.parse(stdout), [{ name: 'flatnet', driver: 'flatnet-cni' }])
  })

  await t.test('a container gets an address of its host, shown by inspect', async (t) => {
    for (const host of [a, b]) {
      const web = await runWeb(host, 'web')
      const subnet = `10.87.${host.plan.index}`
      const facts = (await networksOf(host, 'web'))['flatnet']
      t.match(facts, { IPPrefixLen: 24, Gateway: `${subnet}.1` })
      t.ok(facts?.IPAddress.startsWith(`${subnet}.`))
      const { stdout } = await web.exec(['ip', 'address', 'show', 'dev', 'eth0'])
      t.match(stdout, `inet ${facts?.IPAddress}/24 `, 'the container sees the same address')
      t.match(stdout, `link/ether ${facts?.MacAddress} `)
      t.match((await web.exec(['ip', 'route'])).stdout, `default via ${subnet}.1 dev eth0`)
    }
  })

  await t.test('--ip and --mac-address are applied', async (t) => {
    const options = ['--ip', '10.87.1.77', '--mac-address', '02:11:22:33:44:55']
    const { stdout } = await runOnce(a, options, ['ip', 'address', 'show', 'dev', 'eth0'])
    t.match(stdout, 'inet 10.87.1.77/24 ')
    t.match(stdout, 'link/ether 02:11:22:33:44:55 ')
  })

  await t.test('if an address cannot be assigned, podman shows our reason', async (t) => {
    await runWeb(a, 'holder', [...ON, '--ip', '10.87.1.77'])
    const cases = [
      ['10.99.1.1', 'requested address cannot be used: 10.99.1.1 is outside 10.87.1.0/24'],
      ['10.87.1.1', 'requested address cannot be used: 10.87.1.1 is the bridge of 10.87.1.0/24'],
      ['10.87.1.77', 'requested address is taken: 10.87.1.77 is held by '],
    ] as const
    for (const [address, words] of cases) {
      const { exitCode, stderr } = await runOnce(a, ['--ip', address], ['id'])
      t.equal(exitCode, 126, address)
      t.match(stderr, words)
    }
    t.same(await leasesOn(a), ['10.87.1.77'], 'nothing is left of the attempts')
  })

  await t.test('a published port is reachable from the host, other hosts and the LAN', async (t) => {
    const web = await runWeb(a, 'web', [...ON, '-p', '8080:80'])
    const curl = ['curl', '-sf', '-m', '60']
    for (const [place, address] of [
      [a, '127.0.0.1'],
      [a, a.plan.v4.wsl],
      [a, a.plan.v4.overlay],
      [b, a.plan.v4.wsl],
      [b, a.plan.v4.overlay],
      [lab.lan, a.plan.v4.wsl],
    ] as const) {
      const { stdout } = await place.exec([...curl, `http://${address}:8080/`], { check: false })
      t.equal(stdout, 'hello from web', `${place.name} at ${address}`)
    }
    t.equal(await lastClientOf(web), '198.18.0.254', "the server sees the client's address")
    await removeContainer(a, 'web')
    t.same(await remainsOn(a), [])
  })

  await t.test('ports on one address, UDP ports, ranges, and the container itself', async (t) => {
    const options = [...ON, '-p', '127.0.0.1:8081:80', '-p', '9000-9003:80-83', '-p', '9999:9999/udp']
    const web = await runWeb(a, 'web', options)
    const page = async (place: Pick<LabHost, 'exec'>, at: string) =>
      (await place.exec(['curl', '-s', '-m', '60', `http://${at}/`], { check: false })).stdout
    t.equal(await page(a, '127.0.0.1:8081'), 'hello from web')
    t.equal(await page(b, `${a.plan.v4.wsl}:8081`), '', 'not on another address')
    t.equal(await page(b, `${a.plan.v4.wsl}:9000`), 'hello from web', 'the first port of a range')
    const itself = await web.exec(['wget', '-qO-', `http://${a.plan.v4.wsl}:9000/`])
    t.equal(itself.stdout, 'hello from web', 'from itself')
    const neighbour = await runWeb(a, 'neighbour')
    t.equal(await pageFrom(neighbour, `${a.plan.v4.wsl}:9000`), 'hello from web', 'from a neighbour')
    const ports = (await remainsOn(a)).filter((line) => line.includes(' . '))
    t.equal(ports.length, 6, ports.join('; '))
    const taken = await podman(a, ['run', '--rm', ...ON, '-p', '9003:80', IMAGE, 'true'], { check: false })
    t.match(taken.stderr, /host port is taken|address already in use/)
  })

  await t.test(
    'a port that a program of the host listens on is refused, and podman names the program',
    async (t) => {
      const program =
        "perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 1, LocalPort => 8082); sleep'"
      const { stdout: pid } = await a.exec(['sh', '-c', `${program} >/dev/null 2>&1 & echo $!`])
      await waitUntil('the program to listen', 60_000, async () =>
        (await a.exec(['ss', '-Hltn', 'sport = :8082'])).stdout.includes(':8082'),
      )
      const { exitCode, stderr } = await runOnce(a, ['-p', '8082:80'], ['true'])
      await a.exec(['kill', pid])
      t.equal(exitCode, 126)
      t.match(
        stderr,
        /host port is taken: tcp 8082: perl \(process \d+\) of this host listens on 0\.0\.0\.0:8082; stop it/,
      )
      t.same(await remainsOn(a), [], 'nothing is left of the attempt')
      // Several in a row, while the conmon of the previous one may still be ending.
      for (let run = 0; run < 5; run++)
        t.equal((await runOnce(a, ['-p', '8082:80'], ['id'])).exitCode, 0, 'it starts after that')
    },
  )

  await t.test('the ports stay when the first of two networks is disconnected', async (t) => {
    const second = 'sed s/\\"flatnet\\"/\\"second\\"/ 10-flatnet.conflist >20-second.conflist'
    await a.exec(['sh', '-ec', `cd /etc/cni/net.d; ${second}`])
    const web = await runWeb(a, 'web', [
      ...ON,
      '--network',
      'second',
      '-p',
      '8080:80',
      '-p',
      '127.0.0.1:8081:80',
    ])
    const pages = async () => {
      const urls = [`http://${a.plan.v4.wsl}:8080/`, 'http://127.0.0.1:8081/']
      const answers = urls.map((url) => a.exec(['curl', '-s', '-m', '60', url], { check: false }))
      return (await Promise.all(answers)).map(({ stdout }) => stdout)
    }
    const both = ['hello from web', 'hello from web']
    t.same(await pages(), both)
    for (const network of ['flatnet', 'second', 'flatnet']) {
      await podman(a, ['network', 'disconnect', network, 'web'])
      t.same(await pages(), both, `without ${network}`)
      await podman(a, ['network', 'connect', network, 'web'])
      t.same(await pages(), both, `with ${network} again`)
    }
    await podman(a, ['network', 'reload', 'web'])
    t.same(await pages(), both, 'reloaded')
    t.equal(await pageFrom(web, `${a.plan.v4.wsl}:8080`), 'hello from web', 'from itself')
    await removeContainer(a, 'web')
    t.same(await remainsOn(a), [])
    await a.exec(['rm', '/etc/cni/net.d/20-second.conflist'])
  })

  await t.test('containers of one host reach each other', async (t) => {
    const [one, two] = [await runWeb(a, 'one'), await runWeb(a, 'two')]
    t.equal(await pageFrom(one, two.address), 'hello from two')
    t.equal(await lastClientOf(two), one.address)
  })

  await t.test('eight containers started together get different addresses', async (t) => {
    const runs = Array.from({ length: 8 }, () =>
      runOnce(a, [], ['ip', '-4', 'address', 'show', 'dev', 'eth0']),
    )
    const addresses = (await Promise.all(runs)).map(({ stdout }) => /inet ([\d.]+)\/24/.exec(stdout)?.[1])
    t.notOk(addresses.includes(undefined))
    t.equal(new Set(addresses).size, 8, addresses.join(' '))
    t.same(await remainsOn(a), [])
  })

  await t.test('rm -f of a running container leaves nothing', async (t) => {
    const web = await runWeb(a, 'web', [...ON, '-p', '8080:80'])
    const present = await remainsOn(a)
    for (const part of [
      `leases/${web.address}`,
      'attachments/flatnet/',
      'master',
      `tcp . 8080 : ${web.address} . 80`,
      'netns-',
    ])
      t.ok(
        present.some((line) => line.includes(part)),
        `${part} is there before`,
      )
    await removeContainer(a, 'web')
    t.same(await remainsOn(a), [])
  })
})
