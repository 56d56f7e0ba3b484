// Lists the test files and groups them into jobs.
import { globSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** Test files that run in one process. */
export interface Job {
  readonly name: string
  readonly files: readonly string[]
  /** Whether it needs the kernel as root, and therefore separate namespaces. */
  readonly isIntegration: boolean
}

/**
 * Unit tests that start dozens of processes, wait for real time or try thousands of inputs. Each gets a
 * separate process, and none is part of the quick tier.
 */
const LONG_UNITS = [
  'agent/world/world.ts',
  'paths/escalation/traces.ts',
  'paths/escalation/world.ts',
  'exec/run.ts',
  'host/identity/nebula-config.ts',
  'metrics/render.ts',
  'nebula/verify-tampering.ts',
  'provision/bundle/seal.ts',
  'scripts/agent-wsl.ts',
  'state/files/atomic.ts',
  'state/addresses/choose.ts',
  'state/agent/learnt-peers.ts',
  'state/addresses/leases.ts',
  'state/liveness.ts',
  'state/agent/path-history.ts',
  'state/processes.ts',
]

/** The longest integration tests: they start first, so that none is left for the end. */
const FIRST = [
  'check/agent.ts',
  'agent/escalation.ts',
  'check/peer.ts',
  'agent/gateways.ts',
  'agent/peers.ts',
  'agent/lease.ts',
  'agent/hostile.ts',
  'two-hosts/reach.ts',
  'two-hosts/series.ts',
  'check/neb.ts',
  'agent/drill.ts',
  'two-hosts/degraded.ts',
  'lab/lab.ts',
  'lab/ending.ts',
]

/** Returns all unit tests except the long ones; those of one folder share a process. */
export function quickUnits(): readonly Job[] {
  const quick = unitFiles().filter((each) => !isLong(each))
  const folders = Map.groupBy(quick, (file) =>
    join('test/unit', relative('test/unit', dirname(file)).split('/')[0] ?? ''),
  )
  return [...folders].map(([name, files]) => ({ name, files, isIntegration: false }))
}

export function longUnits(): readonly Job[] {
  return unitFiles()
    .filter(isLong)
    .map((file) => ({ name: file, files: [file], isIntegration: false }))
}

/**
 * Returns one job per file, the longest first, then the others that use a lab, because those wait most of
 * their time.
 */
export function integrationJobs(): readonly Job[] {
  const place = (file: string): number => {
    const at = FIRST.indexOf(relative('test/integration', file))
    return at === -1 ? FIRST.length : at
  }
  return listFiles('test/integration/**/*.ts')
    .toSorted((one, other) => place(one) - place(other))
    .map((file) => ({ name: file, files: [file], isIntegration: true }))
}

/** Returns one job for each file named on the command line. */
export function jobsOf(files: readonly string[]): readonly Job[] {
  return files
    .map((file) => relative(ROOT, join(process.cwd(), file)))
    .map((file) => ({ name: file, files: [file], isIntegration: file.startsWith('test/integration/') }))
}

function unitFiles(): readonly string[] {
  return listFiles('test/unit/**/*.ts').filter((file) => !file.includes('/fixtures/'))
}

function isLong(file: string): boolean {
  return LONG_UNITS.includes(relative('test/unit', file))
}

function listFiles(pattern: string): readonly string[] {
  return globSync(pattern, { cwd: ROOT }).toSorted()
}
