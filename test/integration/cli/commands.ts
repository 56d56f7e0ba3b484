// The command line on a host with containers, without an agent and with one that the test plays.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type ApiRoutes, serveApi } from '../../../src/api/server.ts'
import { openPathHistory } from '../../../src/state/agent/path-history.ts'
import { laneView, pathView, statusView, transitionView } from '../../fixtures/agent/views.ts'
import { ip } from '../../fixtures/addresses.ts'
import { addressOf, EXECUTABLE, whyNoHost } from '../../fixtures/host/cni.ts'
import { makeHost, type TestHost } from '../../fixtures/host/host.ts'
import { inhabit, pings, show } from '../../fixtures/host/netns.ts'

const skip = whyNoHost()

async function withAgent(t: Test, host: TestHost, routes: ApiRoutes): Promise<void> {
  const server = await serveApi(join(host.folder, 'run'), routes)
  t.teardown(() => server.close())
}

interface Said {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

function isPlain(t: Test, { stdout, stderr }: Said): void {
  t.notMatch(stdout + stderr, /\n\s+at |node:internal/, 'no stack trace')
  t.notMatch(stdout + stderr, /\p{Cc}\[/u, 'no colour in a pipe')
}

function json(said: Said): Record<string, unknown> {
  const value = JSON.parse(said.stdout) as Record<string, unknown>
  if (value['version'] !== 1) throw new Error(`version ${String(value['version'])}`)
  return value
}

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

t.test('a host whose agent runs', { skip }, async (t) => {
  const host = await makeHost(t)
  const silent = laneView({ repliedAgoMs: null, rttMs: null, loss: 1, received: 0 })
  const peers = [
    pathView(),
    pathView({
      name: 'host-c',
      overlay: ['10.86.3.1'],
      subnets: ['10.87.3.0/24'],
      phase: 'GATEWAY_FALLBACK',
      reason: 'silence',
      p2p: silent,
      troubles: ['the direct path is silent'],
    }),
    pathView({ name: 'evil\u001b[2J\u202e', overlay: ['10.86.4.1'], subnets: [] }),
  ]
  const result = {
    kind: 'result',
    peer: 'host-b',
    startedAt: new Date().toISOString(),
    forMs: 2000,
    outageMs: 640,
    everyMs: 20,
    sent: 300,
    lost: 32,
    transitions: [transitionView()],
    returnedAfterMs: 5200,
    lostOnReturn: 0,
    restoredBy: 'timer',
  }
  let drilled: unknown
  await withAgent(t, host, {
    'GET /v1/status': () => statusView(peers, { refusedPeers: [{ peer: 'host-x', reason: 'expired' }] }),
    'GET /v1/events': async function* () {
      yield transitionView()
      yield transitionView({ peer: 'host-c' })
    },
    'POST /v1/drill': ({ body }) => {
      drilled = body
      return (async function* () {
        yield {
          kind: 'progress',
          atMs: 5,
          stage: 'blocked',
          sent: 1,
          lost: 0,
          text: 'the direct path is blocked',
        }
        yield result
      })()
    },
    'GET /v1/containers': ({ query }) => ({
      version: 1,
      containers: [
        {
          host: 'host-b',
          id: 'f'.repeat(64),
          names: ['db'],
          network: 'flatnet',
          ifname: 'eth0',
          addresses: ['10.87.2.10'],
          ports: [],
          since: '2026-01-01T00:00:00Z',
          state: 'up',
        },
        { host: 'host-b', id: 1, names: 'no list' },
        null,
      ],
      silent: query.get('all') === '1' ? [{ host: 'host-c', reason: 'timeout' }] : [],
    }),
  })

  await t.test('status shows the figures of each path in use', async (t) => {
    const said = await host.cli(['status'])
    isPlain(t, said)
    t.match(said.stdout, /^Agent +running for 1h/m)
    t.match(said.stdout, /^host-b .* direct +0\.40 ms +0 % +1h +recovered$/m)
    t.match(said.stdout, /^host-c .* gateway, fell back +2\.50 ms +0 % +1h +silence$/m)
    t.match(said.stdout, /^! host-c: the direct path is silent$/m)
    t.match(said.stdout, /peer host-x refused\n +expired/)
    t.notMatch(said.stdout, '\u202e')
    t.equal(said.exitCode, 0)
    t.equal((await host.cli(['status', '--strict'])).exitCode, 1)
    t.match(json(await host.cli(['status', '--json'])), {
      source: 'agent',
      agent: { pid: process.pid },
      peers: [{ name: 'host-b' }],
    })
  })

  await t.test('path shows all peers, one peer, and changes', async (t) => {
    t.match((await host.cli(['path'])).stdout, /^host-c +gateway, fell back +no answer/m)
    t.match((await host.cli(['path', '10.87.2.77'])).stdout, /^Peer +host-b$/m)
    t.match(await host.cli(['path', 'host-']), { exitCode: 3, stderr: /matches 2 peers/ })
    const watched = await host.cli(['path', 'host-b', '--watch', '--json'])
    t.same(
      watched.stdout.split('\n').map((line) => JSON.parse(line)),
      [
        { version: 1, ...transitionView() },
        {
          version: 1,
          error: {
            code: 103,
            message: 'the agent has stopped',
            details: 'no more updates; run flatnet-cni status for the current state',
          },
        },
      ],
    )
    t.match(watched, { exitCode: 3, stderr: /the agent has stopped/ })
  })

  await t.test('history is read from the files, without a torn line', async (t) => {
    const data = join(host.folder, 'data')
    const history = openPathHistory(data, () => undefined)
    history.append(ip('10.86.2.1'), transitionView())
    mkdirSync(join(data, 'history'), { recursive: true })
    writeFileSync(
      join(data, 'history', '10.86.3.1.jsonl'),
      `${JSON.stringify(transitionView({ peer: 'host-c' }))}\n{"at":"2026`,
    )
    const said = await host.cli(['path', '--history'])
    isPlain(t, said)
    t.match(
      said.stdout,
      /^host-b 2026-01-02 \d\d:\d\d:05 direct → gateway, fell back: no answer for 812 ms \(silence\)$/m,
    )
    t.match(said.stdout, /^note: .*10\.86\.3\.1\.jsonl: line 2 is damaged and was skipped$/m)
    t.match(json(await host.cli(['path', 'host-b', '--history', '--json'])), {
      transitions: [{ peer: 'host-b' }],
    })
  })

  await t.test('drill asks first, and reports the cost', async (t) => {
    t.match(await host.cli(['drill', 'host-b']), { exitCode: 3, stderr: /drill not started/ })
    t.equal(drilled, undefined)
    t.match(await host.cli(['drill', 'host-c', '--yes']), {
      exitCode: 3,
      stderr: /host-c is not on the direct path/,
    })
    t.match(await host.cli(['drill', 'host-b', '--for', '1h']), {
      exitCode: 3,
      stderr: /out of range/,
    })
    const said = await host.cli(['drill', 'host-b', '--for', '2s', '--yes'])
    isPlain(t, said)
    t.same(drilled, { peer: '10.86.2.1', forMs: 2000 })
    t.equal(said.exitCode, 0)
    t.match(said.stdout, /the direct path is blocked\n/)
    t.match(said.stdout, /^Outage +640 ms/m)
    t.match(said.stdout, /^Packets +32 packets of 300 lost$/m)
    t.match(said.stdout, /entry with a timeout in the kernel: it expires even if/)
    t.match(json(await host.cli(['drill', 'host-b', '-y', '--json'])), {
      outageMs: 640,
      timer: /expires even if/,
    })
  })

  await t.test('ps --all shows the containers of other hosts, and hosts that did not answer', async (t) => {
    const said = await host.cli(['ps', '--all'])
    t.equal(said.exitCode, 2)
    t.match(said.stdout, /^host-b +db +f{12} +10\.87\.2\.10/m)
    t.match(said.stdout, /^✗ host-c: timeout$/m)
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
