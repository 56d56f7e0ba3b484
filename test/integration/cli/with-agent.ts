// The command line on a host whose agent the test plays.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type ApiRoutes, serveApi } from '../../../src/api/server.ts'
import { openPathHistory } from '../../../src/state/agent/path-history.ts'
import { ip } from '../../fixtures/addresses.ts'
import { laneView, pathView, statusView, transitionView } from '../../fixtures/agent/views.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { makeHost, type TestHost } from '../../fixtures/host/host.ts'
import { isPlain, json } from '../../fixtures/host/said.ts'

const skip = whyNoHost()

async function withAgent(t: Test, host: TestHost, routes: ApiRoutes): Promise<void> {
  const server = await serveApi(join(host.folder, 'run'), routes)
  t.teardown(() => server.close())
}

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
