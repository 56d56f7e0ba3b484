// `check --peer`: this host's agent resolves the names before anything is checked.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type ApiRoutes, serveApi } from '../../../src/api/server.ts'
import { CniCode, CniError } from '../../../src/cni/error.ts'
import { findAskedPeers } from '../../../src/diagnose/asked-peers.ts'
import { gather } from '../../../src/diagnose/gather.ts'
import { diagnose } from '../../../src/diagnose/run.ts'
import { beat } from '../../../src/state/agent/heartbeat.ts'
import { pathView, statusView } from '../../fixtures/agent/views.ts'

const PEERS = [pathView(), pathView({ name: 'host-c', overlay: ['10.86.3.1'], subnets: ['10.87.3.0/24'] })]

// tap's own folders have paths too long for a socket.
async function agentWith(t: Test, routes: ApiRoutes | undefined): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'flatnet-asked-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const settingsFile = join(folder, 'flatnet.json')
  writeFileSync(settingsFile, JSON.stringify({ runDir: folder }))
  if (routes !== undefined) {
    const server = await serveApi(folder, routes)
    t.teardown(() => server.close())
  }
  return settingsFile
}

t.test('by name, the beginning of it, or address, each once', async (t) => {
  const file = await agentWith(t, { 'GET /v1/status': () => statusView(PEERS) })
  const [b, c] = [
    { name: 'host-b', address: '10.86.2.1' },
    { name: 'host-c', address: '10.86.3.1' },
  ]
  t.same(await findAskedPeers(['host-b', '10.87.3.9'], file), [b, c])
  t.same(await findAskedPeers(['host-b', '10.86.2.1'], file), [b])
  t.same(await findAskedPeers([], '/no/such/file'), [])
})

t.test("an unknown name and a missing agent are not another host's fault", async (t) => {
  const file = await agentWith(t, { 'GET /v1/status': () => statusView(PEERS) })
  const only = ['PATH-010']
  await t.rejects(diagnose({ settingsFile: file, askPeers: ['hostb'], only }), {
    code: CniCode.InvalidConfig,
    message: 'unknown peer "hostb"',
    details: /host-b, host-c/,
  })
  await t.rejects(diagnose({ settingsFile: file, askPeers: ['host-'], only }), {
    message: /matches 2 peers/,
  })
  const alone = await agentWith(t, undefined)
  await t.rejects(diagnose({ settingsFile: alone, askPeers: ['host-b'], only }), {
    code: CniCode.AgentUnreachable,
    details: /is not running/,
  })
})

t.test('a live agent that does not answer in time is late, as for every other item', async (t) => {
  const file = await agentWith(t, { 'GET /v1/status': () => new Promise(() => undefined) })
  const runDir = join(file, '..')
  beat(runDir, true)
  const alive = setInterval(() => beat(runDir, true), 50)
  t.teardown(() => clearInterval(alive))
  const options = { settingsFile: file, only: ['PATH-010'], limitMs: 1000 }
  const report = await diagnose({ ...options, askPeers: ['host-b'] })
  t.equal(report.exitCode, 4)
  t.match(report.late, { items: ['PATH-010'], waitedFor: [/does not answer within 500 ms, but is alive/] })
  t.equal((await diagnose({ ...options, only: ['AGENT-001'] })).exitCode, 4, 'it is late without --peer too')
})

t.test('an agent that is starting is late', async (t) => {
  const starting = new CniError(CniCode.TryAgainLater, 'the agent is starting', 'ask again in a moment')
  const file = await agentWith(t, { 'GET /v1/status': () => Promise.reject(starting) })
  for (const askPeers of [[], ['host-b']]) {
    const report = await diagnose({ settingsFile: file, only: ['AGENT-001'], askPeers })
    t.equal(report.exitCode, 4)
    t.match(report.late, { waitedFor: [/ask again in a moment/] })
    t.same(report.roots, [], 'the advice is not to restart it')
  }
})

t.test('the views are compared with any other selection', async (t) => {
  const file = await agentWith(t, { 'GET /v1/status': () => statusView(PEERS) })
  const { items } = await diagnose({ settingsFile: file, askPeers: ['host-b'], groups: ['WSL'] })
  t.ok(items.some(({ id }) => id === 'PATH-010'))
  t.notOk(items.some(({ id }) => id === 'PATH-009'))
})

t.test('if our agent stops in the meantime, the other host is not blamed', async (t) => {
  const file = await agentWith(t, undefined)
  const askPeers = [{ name: 'host-b', address: '10.86.2.1' }]
  const { facts } = await gather(['peerViews'], { now: 5, settingsFile: file, askPeers })
  t.match(facts.peerViews, { problem: String })
})
