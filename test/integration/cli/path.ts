// `flatnet-cni path` with things missing, and with two peers of one name.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { serveApi } from '../../../src/api/server.ts'
import { openPathHistory } from '../../../src/state/agent/path-history.ts'
import { ip } from '../../fixtures/addresses.ts'
import { laneView, pathView, statusView, transitionView } from '../../fixtures/agent/views.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { makeHost } from '../../fixtures/host/host.ts'

const skip = whyNoHost()

t.test('without agent and certificate', { skip }, async (t) => {
  const host = await makeHost(t)
  const nothing = { nebula: { ca: '/nonexistent/ca.crt', cert: '/nonexistent/host.crt' } }
  t.match(await host.cli(['path'], nothing), { exitCode: 3, stdout: '', stderr: /CA certificate missing/ })
  mkdirSync(join(host.folder, 'data'))
  const history = openPathHistory(join(host.folder, 'data'), () => undefined)
  history.append(ip('10.86.8.1'), transitionView({ peer: 'gone-1' }))
  history.append(ip('10.86.9.1'), transitionView({ peer: 'gone-2' }))
  const all = await host.cli(['path', '--history'], nothing)
  t.match(all, { exitCode: 0, stdout: /^gone-1 .*\ngone-2 /m }, 'the history is in files')
  const one = await host.cli(['path', 'gone-2', '--history', '--json'], nothing)
  t.match(JSON.parse(one.stdout), { transitions: [{ peer: 'gone-2' }] })
  t.equal((JSON.parse(one.stdout) as { transitions: unknown[] }).transitions.length, 1)
  t.match(await host.cli(['path', 'never', '--history'], nothing), { exitCode: 3, stderr: /unknown peer/ })
})

t.test('a peer without a route is a fault', { skip }, async (t) => {
  const host = await makeHost(t)
  t.match(await host.cli(['path', 'host-b']), { exitCode: 2, stdout: /none/ }, 'no ADD has made a route yet')
  t.match(
    await host.cli(['path']),
    { exitCode: 0, stdout: /host-b +none/ },
    'of many peers some are always off',
  )
  await host.add(await host.container())
  t.match(await host.cli(['path', 'host-b']), { exitCode: 0 })
})

t.test('peers of one name are told apart by their addresses', { skip }, async (t) => {
  const host = await makeHost(t)
  const dead = laneView({ repliedAgoMs: null, rttMs: null, loss: 1, received: 0 })
  const twins = [
    pathView(),
    pathView({ overlay: ['10.86.5.1'], subnets: ['10.87.5.0/24'], p2p: dead, gateway: dead }),
  ]
  let drilled: unknown
  const server = await serveApi(join(host.folder, 'run'), {
    'GET /v1/status': () => statusView(twins),
    'GET /v1/events': async function* () {
      yield transitionView({ overlay: '10.86.5.1', epoch: 5 })
      yield transitionView({ overlay: '10.86.2.1', epoch: 2 })
    },
    'POST /v1/drill': ({ body }) => {
      drilled = body
      return (async function* () {
        yield { kind: 'failed', message: 'nothing', details: '' }
      })()
    },
  })
  t.teardown(() => server.close())
  const { stdout } = await host.cli(['path', '10.86.2.1', '--watch', '--json'])
  t.match(stdout, /"epoch":2/)
  t.notMatch(stdout, /"epoch":5/)
  await host.cli(['drill', '10.86.2.1', '--yes'])
  t.match(drilled, { peer: '10.86.2.1' })
  t.equal((await host.cli(['path', '10.86.2.1'])).exitCode, 0)
  t.equal((await host.cli(['path', '10.86.5.1'])).exitCode, 2, 'the other one has no answer')
})
