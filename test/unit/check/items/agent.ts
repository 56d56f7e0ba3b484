import t from 'tap'
import { AGENT_ITEMS } from '../../../../src/check/items/agent.ts'
import type { AgentFacts, HeldPort } from '../../../../src/check/facts/agent.ts'
import type { LearningView, StatusView } from '../../../../src/views/paths.ts'
import { breakOneByOne, type Case, type Some } from '../fixtures/broken.ts'

const host = (change: Partial<Hosts[number]>): Hosts[number] => ({
  name: 'host-b',
  isOwn: false,
  containers: 2,
  problem: null,
  isSilent: false,
  refusal: null,
  ...change,
})
type Hosts = NonNullable<StatusView['registry']>['hosts']
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
  names: { domain: 'flatnet.internal', closed: [] },
  registry: {
    hosts: [host({ name: 'host-a', isOwn: true }), host({})],
    untold: [],
    diskProblem: null,
  },
  learning: {
    port: 4280,
    lighthouses: ['10.86.0.1'],
    isLighthouse: false,
    answered: ['10.86.0.1'],
    silent: [],
    silentRounds: 0,
  },
} as const satisfies StatusView
const AGENT: AgentFacts = {
  socket: { path: '/run/flatnet/agent.sock', exists: true, obstacle: undefined, mode: 0o600, uid: 0 },
  status: STATUS,
  problem: undefined,
  own: { version: '1.0.0', commit: 'abc' },
  ownsRoutes: true,
  guardPid: 10,
  closedPorts: [],
  stalls: 0,
  metrics: { url: 'http://127.0.0.1:4280/metrics', problem: undefined },
  history: { path: '/var/lib/flatnet/history', problem: undefined },
}
const agent = (change: Partial<AgentFacts>): Some => ({ agent: { ...AGENT, ...change } })
const away = { status: undefined, problem: 'the agent does not run', ownsRoutes: false, guardPid: undefined }
const { socket } = AGENT
const closed = (
  protocol: 'udp' | 'tcp',
  reason: string,
  holder?: { pid: number; name: string },
): HeldPort => ({
  protocol,
  address: '10.86.1.1',
  port: 4280,
  reason,
  holder,
})
const learning = (change: Partial<LearningView>, more: Partial<StatusView> = {}): Some =>
  agent({ status: { ...STATUS, ...more, learning: { ...STATUS.learning, ...change } } })
const registry = (change: Partial<NonNullable<StatusView['registry']>>): Some =>
  agent({ status: { ...STATUS, registry: { ...STATUS.registry, ...change } } })
const names = (change: NonNullable<StatusView['names']>): Some =>
  agent({ status: { ...STATUS, names: change } })
const SILENT = {
  answered: [],
  silent: [{ overlay: '10.86.0.1', reason: 'no answer in time' }],
  silentRounds: 2,
}
const REFUSED = 'connect ECONNREFUSED 10.86.0.1:4280 - Local (10.86.1.1:0)'

const CASES: readonly Case[] = [
  ['killed', agent(away), 'AGENT-001', 'fail', /does not run/],
  ['never started', agent({ ...away, socket: { ...socket, exists: false } }), 'AGENT-001', 'warn',
    /does not run/],
  ['updated and not restarted', agent({ own: { version: '1.1.0', commit: 'def' } }), 'AGENT-002', 'warn',
    /runs 1\.0\.0 \(abc\), but 1\.1\.0 \(def\) is installed/],
  ['no heartbeat', agent({ ownsRoutes: false, guardPid: undefined }), 'AGENT-003', 'fail',
    /heartbeat is old or missing/],
  ['on a busy machine', agent({ stalls: 30 }), 'AGENT-003', 'ok', /no processor time 30 times in 60 minutes/],
  ['stalled once', agent({ stalls: 1 }), 'AGENT-003', 'ok', /no processor time 1 times/],
  ['in trouble', agent({ status: { ...STATUS, lastError: 'ip command refused' } }), 'AGENT-004', 'fail',
    /ip command refused/],
  ['no guard', agent({ guardPid: undefined }), 'AGENT-005', 'warn', /there is no guard process/],
  ['open to all users', agent({ socket: { ...socket, mode: 0o666 } }), 'AGENT-006', 'fail', /0666, owner 0/],
  ["owned by another user", agent({ socket: { ...socket, uid: 1000 } }), 'AGENT-006', 'fail', /owner 1000/],
  ['port in use', agent({ metrics: { ...AGENT.metrics, problem: 'another program answers there' } }),
    'AGENT-007', 'warn', /another program/],
  ['its socket is a folder', agent({ ...away, socket: { ...socket, obstacle: '/s is a folder' } }),
    'AGENT-001', 'fail', /\/s is a folder/],
  ['the UDP port is in use',
    agent({ closedPorts: [closed('udp', 'bind EADDRINUSE', { pid: 42, name: 'python3' })] }), 'AGENT-009',
    'fail', /process 42 \(python3\) has it; the agent needs it on 10\.86\.1\.1: no path is measured/],
  ['the UDP port is in use by an unknown program', agent({ closedPorts: [closed('udp', 'bind EADDRINUSE')] }),
    'AGENT-009', 'fail', /another program has it/],
  ['the UDP port cannot be opened', agent({ closedPorts: [closed('udp', 'bind EACCES 10.86.1.1:4280')] }),
    'AGENT-009', 'fail', /bind EACCES/],
  ['the TCP port is in use', agent({ closedPorts: [closed('tcp', 'listen EADDRINUSE')] }), 'AGENT-009',
    'warn', /serves no metrics/],
  ['no lighthouse answers', learning(SILENT), 'AGENT-010', 'fail',
    /no agent answers on TCP 4280: 10\.86\.0\.1 \(no answer in time\)/],
  ['no agent runs on the lighthouse',
    learning({ ...SILENT, silent: [{ overlay: '10.86.0.1', reason: REFUSED }] }), 'AGENT-010', 'fail',
    /10\.86\.0\.1 \(connection refused: no agent runs there\)/],
  ['no lighthouse is configured', learning({ ...SILENT, silent: [], lighthouses: [] }), 'AGENT-010', 'fail',
    /names a lighthouse/],
  ['a lighthouse that was not asked yet',
    learning({ ...SILENT, silent: [], lighthouses: [], isLighthouse: true }), 'AGENT-010', 'ok',
    /others ask/],
  ['no host has answered the first round', learning({ ...SILENT, silentRounds: 1 }), 'AGENT-010', 'skip',
    /asks again/],
  ['Nebula is down', learning(SILENT, { nebulaDev: null }), 'AGENT-010', 'skip', /Nebula is down/],
  ['no round has ended', agent({ status: { ...STATUS, learning: null } }), 'AGENT-010', 'skip',
    /not asked any host yet/],
  ['a host tells what is not its own',
    registry({ hosts: [host({ problem: 'containers[0].addresses[0]: "10.9.9.9" is not in …' })] }),
    'AGENT-011', 'warn', /host-b .*10\.9\.9\.9/],
  ['a host is switched off',
    registry({ hosts: [host({ containers: null, isSilent: true, problem: 'its agent is silent' })] }),
    'AGENT-011', 'ok', /those of host-b are not known yet/],
  ['a container of an earlier subnet', registry({ untold: ['container web: addresses[0]: …'] }),
    'AGENT-012', 'warn', /container web/],
  ['a host refuses ours', registry({ hosts: [host({ refusal: 'containers[0].addresses[0]: …' })] }),
    'AGENT-012', 'warn', /host-b containers\[0\]/],
  ['an agent that does not report its registry',
    agent({ status: { ...STATUS, registry: undefined } as unknown as StatusView }),
    'AGENT-012', 'skip', /does not report/],
  ['the disk is full', registry({ diskProblem: 'ENOSPC' }), 'AGENT-013', 'warn', /ENOSPC/],
  ['port 53 is taken',
    names({ domain: 'flatnet.internal', closed: [{ address: '10.87.1.1', reason: 'bind EADDRINUSE' }] }),
    'AGENT-014', 'warn', /port 53 of 10\.87\.1\.1: bind EADDRINUSE/],
  ['read-only', agent({ history: { path: '/h', problem: 'EROFS' } }), 'AGENT-008', 'warn', /\/h: EROFS/],
] // prettier-ignore

await breakOneByOne(t, AGENT_ITEMS, { now: Date.parse(START) / 1000 + 3600, agent: AGENT }, CASES)
