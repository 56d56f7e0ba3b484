// Runs the tests: all of them, a part, or the named files. The last line is `N passed, N failed, N
// skipped`, and the exit code is 0 only if nothing failed. Integration tests need root and run in separate
// namespaces.
import { parseArgs } from 'node:util'
import { type Cost, slowest, sumOf } from './costs.ts'
import { failureLines } from './failures.ts'
import { integrationJobs, type Job, jobsOf, longUnits, quickUnits } from './files.ts'
import { endAllJobs, type JobResult, runJob } from './job.ts'
import { machineFiles, newFiles } from './machine-files.ts'
import { runQueue } from './queue.ts'

const USAGE = `usage: node scripts/suite/main.ts [--quick | --unit | --integration] [option…] [FILE…]
  --quick         unit tests of milliseconds, for every save
  --unit          all unit tests
  --integration   real namespaces, real podman, real Nebula; as root
                  (without any of them and without files: unit and integration tests)
  --limit S       the longest that one file may take (default 900 s)
  --minutes M     no file starts later than this (default 70 min)
  --failed NAME   a step before this one that failed; it is counted (repeatable)
`
const SLOWEST = 10

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    unit: { type: 'boolean', default: false },
    integration: { type: 'boolean', default: false },
    limit: { type: 'string', default: '900' },
    minutes: { type: 'string', default: '70' },
    failed: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
})

let isEnding = false

function chosenJobs(): readonly Job[] {
  if (positionals.length > 0) return jobsOf(positionals)
  if (values.quick) return quickUnits()
  // Jobs that wait most of their time come first; short ones fill the rest.
  const isAll = !values.unit && !values.integration
  return [
    ...(values.integration || isAll ? integrationJobs() : []),
    ...(values.unit || isAll ? [...longUnits(), ...quickUnits()] : []),
  ]
}

function say(...lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`)
}

async function main(): Promise<number> {
  const isRoot = process.getuid?.() === 0
  const limitS = Number(values.limit)
  const endsAt = performance.now() + Number(values.minutes) * 60_000
  const results: JobResult[] = []
  const before = machineFiles()
  const isContained = (job: Job): boolean => isRoot && (job.isIntegration || !values.quick)
  const left = await runQueue(
    chosenJobs(),
    async (job) => {
      const result = await runJob(job, { isContained: isContained(job), limitS })
      results.push(result)
      const { passed, failed, skipped, notes } = result.count
      const figures = `${String(passed)} passed, ${String(failed)} failed, ${String(skipped)} skipped`
      say(
        `${failed === 0 ? 'ok' : 'not ok'} - ${job.name}  # ${figures}, ${result.cost.wallS.toFixed(1)} s`,
        ...notes,
      )
    },
    () => isEnding || performance.now() > endsAt,
  )
  const remains = newFiles(before, machineFiles())
  const failed = [
    ...values.failed.map((name) => `failed: ${name}`),
    ...results.flatMap(({ job, count }) => (count.failed > 0 ? failureLines(job.name, count) : [])),
    ...left.map(({ name }) => `failed: ${name}: not started, ${values.minutes} minutes were over`),
    ...remains.map((path) => `failed: a test left ${path} on this machine`),
  ]
  for (const kind of [true, false]) {
    const costs = results.filter(({ job }) => job.isIntegration === kind).map(({ cost }) => cost)
    if (costs.length > 0) say(`# ${describe(sumOf(kind ? 'integration tests' : 'unit tests', costs))}`)
  }
  const perFile = results.flatMap(({ cost, costs }) => (costs.length > 0 ? costs : [cost]))
  say(`# the slowest ${String(SLOWEST)} files:`, ...slowest(perFile, SLOWEST).map((line) => `# ${line}`))
  say(...failed)
  const sum = (what: 'passed' | 'failed' | 'skipped'): number =>
    results.reduce((total, { count }) => total + count[what], 0)
  const allFailed = sum('failed') + values.failed.length + left.length + remains.length
  say(`${String(sum('passed'))} passed, ${String(allFailed)} failed, ${String(sum('skipped'))} skipped`)
  return allFailed === 0 ? 0 : 1
}

function describe({ name, wallS, cpuS }: Cost): string {
  return `${name}: ${cpuS.toFixed(0)} s of processor time; ${wallS.toFixed(0)} s one after another`
}

if (values.help) {
  process.stdout.write(USAGE)
} else {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    // prettier-ignore
    process.once(signal, () => {
      isEnding = true
      void endAllJobs().then(() => process.exit(code))
    })
  process.exitCode = await main()
}
