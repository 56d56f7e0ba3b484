// `check --peer`: who is meant is settled with the agent of this host before anything is looked at.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type ApiRoutes, serveApi } from '../../../src/api/server.ts'
import { CniCode } from '../../../src/cni/error.ts'
import { findAskedPeers } from '../../../src/diagnose/asked-peers.ts'
import { gather } from '../../../src/diagnose/gather.ts'
import { diagnose } from '../../../src/diagnose/run.ts'
import { pathView, statusView } from '../../fixtures/agent-views.ts'

const PEERS = [pathView(), pathView({ name: 'host-c', overlay: ['10.86.3.1'], subnets: ['10.87.3.0/24'] })]

// tap's own folders have names too long for a socket.
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

t.test('by name, the beginning of it, or address; each once', async (t) => {
  const file = await agentWith(t, { 'GET /v1/status': () => statusView(PEERS) })
  const [b, c] = [
    { name: 'host-b', address: '10.86.2.1' },
    { name: 'host-c', address: '10.86.3.1' },
  ]
  t.same(await findAskedPeers(['host-b', '10.87.3.9'], file), [b, c])
  t.same(await findAskedPeers(['host-b', '10.86.2.1'], file), [b])
  t.same(await findAskedPeers([], '/no/such/file'), [])
})

t.test("a name that is nobody's, and an agent that is away, are no fault of another host", async (t) => {
  const file = await agentWith(t, { 'GET /v1/status': () => statusView(PEERS) })
  const only = ['PATH-010']
  await t.rejects(diagnose({ settingsFile: file, askPeers: ['hostb'], only }), {
    code: CniCode.InvalidConfig,
    message: 'unknown peer "hostb"',
    details: /host-b, host-c/,
  })
  await t.rejects(diagnose({ settingsFile: file, askPeers: ['host-'], only }), {
    message: /could be any of 2/,
  })
  const alone = await agentWith(t, undefined)
  await t.rejects(diagnose({ settingsFile: alone, askPeers: ['host-b'], only }), {
    code: CniCode.AgentUnreachable,
    details: /does not run/,
  })
})

t.test('what they say is compared whatever else is chosen', async (t) => {
  const file = await agentWith(t, { 'GET /v1/status': () => statusView(PEERS) })
  const { items } = await diagnose({ settingsFile: file, askPeers: ['host-b'], groups: ['WSL'] })
  t.ok(items.some(({ id }) => id === 'PATH-010'))
  t.notOk(items.some(({ id }) => id === 'PATH-009'))
})

t.test('an agent that goes away meanwhile is not taken for the other host', async (t) => {
  const file = await agentWith(t, undefined)
  const askPeers = [{ name: 'host-b', address: '10.86.2.1' }]
  const { peerReports } = await gather(['peerReports'], { now: 5, settingsFile: file, askPeers })
  t.match(peerReports, { problem: String })
})
