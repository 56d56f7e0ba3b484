// podman with the network of conflist/10-flatnet.conflist: what a user asks for and gets.
import t from 'tap'
import type { LabHost } from '../../scripts/lab/lab.ts'
import { IMAGE } from '../../scripts/lab/podman.ts'
import { whyNoLab } from '../../scripts/lab/possible.ts'
import { upLab } from '../../scripts/lab/up.ts'
import { leasesOn, networksOf, podman, remainsOn, removeContainer, runWeb } from '../fixtures/podman.ts'
import { lastClientOf, pageFrom } from '../fixtures/reach.ts'

t.setTimeout(240_000)

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

  await t.test('it lists and shows the network', async (t) => {
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
      t.match(stdout, `inet ${facts?.IPAddress}/24 `, 'the container sees the same')
      t.match(stdout, `link/ether ${facts?.MacAddress} `)
      t.match((await web.exec(['ip', 'route'])).stdout, `default via ${subnet}.1 dev eth0`)
    }
  })

  await t.test('--ip and --mac-address are obeyed', async (t) => {
    const options = ['--ip', '10.87.1.77', '--mac-address', '02:11:22:33:44:55']
    const { stdout } = await runOnce(a, options, ['ip', 'address', 'show', 'dev', 'eth0'])
    t.match(stdout, 'inet 10.87.1.77/24 ')
    t.match(stdout, 'link/ether 02:11:22:33:44:55 ')
  })

  await t.test('when an address cannot be had, podman says why in our words', async (t) => {
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
    t.same(await leasesOn(a), ['10.87.1.77'], 'and nothing is left of the attempts')
  })

  await t.test('a published port is reached from the host, other hosts and the LAN', async (t) => {
    const web = await runWeb(a, 'web', [...ON, '-p', '8080:80'])
    const curl = ['curl', '-sf', '-m', '5']
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
    t.equal(await lastClientOf(web), '198.18.0.254', 'the server sees who asks')
    await removeContainer(a, 'web')
    t.same(await remainsOn(a), [])
  })

  await t.test('ports of one address, of UDP and of a range, and from the container itself', async (t) => {
    const options = [...ON, '-p', '127.0.0.1:8081:80', '-p', '9000-9003:80-83', '-p', '9999:9999/udp']
    const web = await runWeb(a, 'web', options)
    const page = async (place: Pick<LabHost, 'exec'>, at: string) =>
      (await place.exec(['curl', '-s', '-m', '5', `http://${at}/`], { check: false })).stdout
    t.equal(await page(a, '127.0.0.1:8081'), 'hello from web')
    t.equal(await page(b, `${a.plan.v4.wsl}:8081`), '', 'not at another address')
    t.equal(await page(b, `${a.plan.v4.wsl}:9000`), 'hello from web', 'the first of a range')
    const itself = await web.exec(['wget', '-qO-', `http://${a.plan.v4.wsl}:9000/`])
    t.equal(itself.stdout, 'hello from web', 'from itself')
    const neighbour = await runWeb(a, 'neighbour')
    t.equal(await pageFrom(neighbour, `${a.plan.v4.wsl}:9000`), 'hello from web', 'from a neighbour')
    const ports = (await remainsOn(a)).filter((line) => line.includes(' . '))
    t.equal(ports.length, 6, ports.join('; '))
    const taken = await podman(a, ['run', '--rm', ...ON, '-p', '9003:80', IMAGE, 'true'], { check: false })
    t.match(taken.stderr, /host port is taken|address already in use/)
  })

  await t.test('containers of one host reach each other', async (t) => {
    const [one, two] = [await runWeb(a, 'one'), await runWeb(a, 'two')]
    t.equal(await pageFrom(one, two.address), 'hello from two')
    t.equal(await lastClientOf(two), one.address)
  })

  await t.test('eight containers started at once all get addresses of their own', async (t) => {
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
