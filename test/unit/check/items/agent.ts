import t from 'tap'
import { AGENT_ITEMS } from '../../../../src/check/items/agent.ts'
import type { AgentFacts } from '../../../../src/check/facts/agent.ts'
import { breakOneByOne, type Case, type Some } from '../fixtures/broken.ts'

const START = '2026-01-01T00:00:00Z'
const STATUS = {
  version: 1,
  agent: { version: '1.0.0', commit: 'abc', pid: 9, startedAt: START },
  name: 'host-a',
  overlay: [],
  subnets: [],
  nebulaDev: 'nebula1',
  peers: [],
  refusedPeers: [],
  lastError: null,
} as const
const AGENT: AgentFacts = {
  socket: { path: '/run/flatnet/agent.sock', exists: true, mode: 0o600, uid: 0 },
  status: STATUS,
  problem: undefined,
  own: { version: '1.0.0', commit: 'abc' },
  ownsRoutes: true,
  guardPid: 10,
  stalls: 0,
  metrics: { url: 'http://127.0.0.1:4280/metrics', problem: undefined },
  history: { path: '/var/lib/flatnet/history', problem: undefined },
}
const agent = (change: Partial<AgentFacts>): Some => ({ agent: { ...AGENT, ...change } })
const away = { status: undefined, problem: 'the agent does not run', ownsRoutes: false, guardPid: undefined }
const { socket } = AGENT

const CASES: readonly Case[] = [
  ['killed', agent(away), 'AGENT-001', 'fail', /does not run/],
  ['never started', agent({ ...away, socket: { ...socket, exists: false } }), 'AGENT-001', 'warn', /does not run/],
  ['updated and not restarted', agent({ own: { version: '1.1.0', commit: 'def' } }), 'AGENT-002', 'warn', /runs 1\.0\.0 \(abc\), installed is 1\.1\.0 \(def\)/],
  ['no sign of life', agent({ ownsRoutes: false, guardPid: undefined }), 'AGENT-003', 'fail', /sign of life is old/],
  ['stands still', agent({ stalls: 30 }), 'AGENT-003', 'warn', /30 times in 60 minutes/],
  ['stood still once', agent({ stalls: 1 }), 'AGENT-003', 'ok', /1 times/],
  ['in trouble', agent({ status: { ...STATUS, lastError: 'ip command refused' } }), 'AGENT-004', 'fail', /ip command refused/],
  ['no guard', agent({ guardPid: undefined }), 'AGENT-005', 'warn', /there is none/],
  ['open to all', agent({ socket: { ...socket, mode: 0o666 } }), 'AGENT-006', 'fail', /0666, owner 0/],
  ["another user's", agent({ socket: { ...socket, uid: 1000 } }), 'AGENT-006', 'fail', /owner 1000/],
  ['port taken', agent({ metrics: { ...AGENT.metrics, problem: 'something else answers there' } }), 'AGENT-007', 'warn', /something else/],
  ['read-only', agent({ history: { path: '/h', problem: 'EROFS' } }), 'AGENT-008', 'warn', /\/h: EROFS/],
] // prettier-ignore

void breakOneByOne(t, AGENT_ITEMS, { now: Date.parse(START) / 1000 + 3600, agent: AGENT }, CASES)
