// The rows of `podman run --rm`, for any podman: on our network, and on that podman's default one.

import { IMAGE } from '../../../lab/host/podman.ts'
import type { Host } from '../host/host.ts'
import { unzip } from '../process/pairs.ts'
import type { Environment } from '../process/task.ts'
import type { Bench, Row, Sample } from '../row.ts'

const WARM_UP = 2
const FIRST_PORT = 21_000

interface Job {
  readonly id: string
  readonly what: string
  readonly hasPort?: boolean
}

/** One podman, and what its rows are called. */
interface Runs {
  readonly host: Host
  /** Returns the command line that runs a command where this podman is. */
  readonly argv: (command: readonly string[]) => readonly string[]
  readonly env: Environment
  readonly jobs: readonly [without: Job, withPort: Job]
  /** Its default network, which is called "podman". */
  readonly against: string
}

/** Starts a container that ends immediately, alternately on the networks "flatnet" and "podman". */
export async function measureRuns(bench: Bench, { host, argv, env, jobs, against }: Runs): Promise<Row[]> {
  const rows: Row[] = []
  for (const { id, what, hasPort = false } of jobs) {
    const pairs: [Sample, Sample][] = []
    for (let round = 0; round < WARM_UP + bench.runs; round += 1) {
      const publish = hasPort ? ['-p', `${String(FIRST_PORT + round)}:80`] : []
      const run = (network: string): Promise<Sample> =>
        host.program(argv(['podman', 'run', '--rm', '--network', network, ...publish, IMAGE, 'echo']), env)
      const pair: [Sample, Sample] = [await run('flatnet'), await run('podman')]
      if (round >= WARM_UP) pairs.push(pair)
    }
    rows.push({ id, what, against, goal: 1, ...unzip(pairs) })
  }
  return rows
}
