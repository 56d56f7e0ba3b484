// The command line on a host without an agent: with containers, with nothing set up, for another user.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { addressOf, EXECUTABLE, whyNoHost } from '../../fixtures/host/cni.ts'
import { makeHost } from '../../fixtures/host/host.ts'
import { inhabit, pings, show } from '../../fixtures/host/netns.ts'
import { isPlain, json, type Said } from '../../fixtures/host/said.ts'

const skip = whyNoHost()

t.test('a host with containers and no agent', { skip }, async (t) => {
  const host = await makeHost(t)
  const [one, two] = [await host.container(), await host.container()]
  for (const container of [one, two]) inhabit(t, container)
  const first = await host.add(one)
  const second = await host.add(two, {
    conf: {
      runtimeConfig: {
        portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }],
        aliases: { flatnet: ['web'] },
      },
    },
  })

  await t.test("status shows the host and the peers' routes, and has no measurements", async (t) => {
    const said = await host.cli(['status'])
    isPlain(t, said)
    t.equal(said.exitCode, 0)
    t.match(said.stdout, /^Host +host-a, overlay 10\.86\.1\.1\/16$/m)
    t.match(said.stdout, /^Bridge +flatnet0, up, 10\.87\.1\.1\/24$/m)
    t.match(said.stdout, /^Containers +2 attached, 2 addresses leased$/m)
    t.match(said.stdout, /^host-b +10\.86\.2\.1 +10\.87\.2\.0\/24 +direct +- /m)
    t.match(said.stdout, /agent unreachable/)
    t.equal((await host.cli(['status', '--strict'])).exitCode, 1)
    await host.netns.batch(['route delete 10.87.2.0/24 via 10.86.2.1 dev nebula1 metric 100 proto 77'])
    t.match(json(await host.cli(['status', '--json'])), {
      name: 'host-a',
      source: 'kernel',
      agent: null,
      attachments: { count: 2, damaged: [] },
      peers: [{ name: 'host-b', installed: 'gateway' }],
    })
    await host.cli(['sync'])
  })

  await t.test('path shows routes and history without an agent, and names what needs one', async (t) => {
    const said = await host.cli(['path', 'host-b'])
    isPlain(t, said)
    t.match(said.stdout, /No measurements, routes only: .*is not running/)
    t.match(said.stdout, /^Route installed +direct$/m)
    t.match(await host.cli(['path', '10.87.9.1']), {
      exitCode: 3,
      stderr: /unknown peer "10\.87\.9\.1"\n +known peers: host-b/,
    })
    t.match(await host.cli(['path', '--watch']), { exitCode: 3, stderr: /agent unreachable/ })
    t.match(await host.cli(['drill', 'host-b', '--yes']), { exitCode: 3, stderr: /agent unreachable/ })
    t.match((await host.cli(['path', '--history'])).stdout, /no changes so far/)
  })

  await t.test('ps and ipam show which container has which address', async (t) => {
    const said = await host.cli(['ps'])
    isPlain(t, said)
    t.match(
      said.stdout,
      new RegExp(`^web +${two.name.slice(0, 12)} +${addressOf(second)} +8080→80/tcp +flatnet .*up$`, 'm'),
    )
    t.match(json(await host.cli(['ps', '--json'])), {
      silent: [],
      containers: [{ host: 'host-a' }, { host: 'host-a' }],
    })
    t.match(await host.cli(['ps', '--all']), { exitCode: 2, stdout: /✗ all other hosts: agent unreachable/ })
    t.match(
      (await host.cli(['ipam', 'list'])).stdout,
      new RegExp(`^${addressOf(first)} +up +flatnet +${one.name.slice(0, 12)}`, 'm'),
    )
    t.match(json(await host.cli(['ipam', 'show', addressOf(second), '--json'])), {
      state: 'up',
      containerID: two.name,
      aliases: ['web'],
    })
    t.match(await host.cli(['ipam', 'show', '10.87.1.99']), {
      exitCode: 3,
      stderr: /10\.87\.1\.99 is not leased/,
    })
    t.match(json(await host.cli(['ipam', 'show', '10.87.1.99', '--json'])), {
      error: { message: '10.87.1.99 is not leased' },
    })
  })

  await t.test(
    "an address in use is released only with --force, which deletes its container's link",
    async (t) => {
      const refused = await host.cli(['ipam', 'release', addressOf(first)])
      isPlain(t, refused)
      t.match(refused, {
        exitCode: 3,
        stderr: new RegExp(`is in use\n +by ${one.name} eth0 of network flatnet.*--force`),
      })
      t.ok(await pings(one, '10.87.1.1'))
      const forced = await host.cli(['ipam', 'release', addressOf(first), '--force'])
      t.match(forced, { exitCode: 0, stdout: /^released 10\.87\.1\.\d+ of .*has lost its network/ })
      t.same(
        (await show<{ ifname: string }>(one, ['link', 'show'])).map(({ ifname }) => ifname),
        ['lo'],
      )
      t.match(await host.cli(['ipam', 'show', addressOf(first)]), { exitCode: 3 })
    },
  )

  await t.test('a record of a newer version is reported with its contents', async (t) => {
    writeFileSync(join(host.stateDir, 'attachments', 'flatnet', 'x:eth0'), '{"version": 2}')
    const said = await host.cli(['ipam', 'list'])
    isPlain(t, said)
    t.equal(said.exitCode, 2)
    t.match(said.stdout, /✗ .*flatnet\/x:eth0: version 2 instead of 1/)
    t.match(
      (await host.cli(['status'])).stdout,
      /attachment record not usable\n +.*x:eth0: version 2 instead of 1/,
    )
  })
})

t.test('a host where nothing is set up', { skip }, async (t) => {
  const host = await makeHost(t)
  const nothing = {
    nebula: { ca: '/nonexistent/ca.crt', cert: '/nonexistent/host.crt' },
    peers: '/nonexistent/peers',
  }
  const said = await host.cli(['status'], nothing)
  isPlain(t, said)
  t.equal(said.exitCode, 2)
  t.match(said.stdout, /✗ CA certificate missing\n +\/nonexistent\/ca\.crt: no such file; copy it there/)
  t.match(said.stdout, /flatnet-cni check/)
  const broken = await host.cli(['path'], { pool: 'everything' })
  isPlain(t, broken)
  t.match(broken, { exitCode: 3, stderr: /flatnet\.json: pool: needs networks like/ })
})

t.test('a user other than root', { skip }, async (t) => {
  const as = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', EXECUTABLE]
  const host = await makeHost(t)
  for (const command of ['status', 'path', 'ps', 'ipam list', 'drill x']) {
    const said = await host.netns.exec([...as, ...command.split(' ')], { check: false })
    isPlain(t, said)
    t.match(said, { exitCode: 3, stderr: /root is needed/ }, command)
  }
  t.match(await host.netns.exec([...as, 'sync'], { check: false }), { exitCode: 1, stderr: /root is needed/ })
  t.equal((await host.netns.exec([...as, 'help'], { check: false })).exitCode, 0)
})

t.test('a reader that closes the pipe, and a full disk', { skip }, async (t) => {
  const bash = (script: string): Said => {
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script, EXECUTABLE], { encoding: 'utf8' })
    return { exitCode: status ?? -1, stdout, stderr }
  }
  t.same(bash('"$0" --help | head -n 1 | wc -l'), { exitCode: 0, stdout: '1\n', stderr: '' })
  const full = bash('"$0" --help >/dev/full')
  isPlain(t, full)
  t.match(full, { exitCode: 1, stderr: /cannot write the output\n +ENOSPC/ })
  t.match(bash('"$0" version --json >/dev/full'), { exitCode: 1, stderr: /cannot write the output/ })
})
