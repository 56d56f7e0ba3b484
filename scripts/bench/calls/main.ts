// `npm run bench`: runs flatnet-cni and Debian's reference plugins alternately in one run, in dedicated
// namespaces. It asserts nothing: figures of a shared machine are noisy, so the ratio is what counts.
// docs/benchmark.md explains how to read them.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CALL_IDS } from './breakdown/budget.ts'
import { runEnclosed } from './enclosure.ts'
import { whyNot } from './host/machine.ts'
import { renderReport } from './report.ts'
import { ROW_IDS, scenariosFor } from './scenarios.ts'

const DIST = join(import.meta.dirname, '../../../dist')

const USAGE = `usage: npm run bench -- [--runs 20] [--only PATTERN] [--json FILE] [--flatnet FILE]
                        [--breakdown]
  --runs N          pairs of measurements for each row
  --only PATTERN    rows whose id matches this regular expression:
                    ${ROW_IDS.join(' ')}
  --json FILE       the file for all figures (dist/bench.json)
  --flatnet FILE    the executable to measure (dist/flatnet-cni, made by npm run build)
  --breakdown       in place of the rows: where the time of VERSION, ADD and DEL goes, and what they
                    execute (strace, valgrind); --only then chooses from
                    ${CALL_IDS.join(' ')}
Needs root, nft, iptables and Debian's containernetworking-plugins. Removes everything it makes.
Exit code: 0 everything was measured, with any figures; 1 something was not; 2 usage error.
`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '20' },
      only: { type: 'string', default: '' },
      json: { type: 'string', default: join(DIST, 'bench.json') },
      flatnet: { type: 'string', default: join(DIST, 'flatnet-cni') },
      breakdown: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const runs = Number(values.runs)
  if (!Number.isInteger(runs) || runs < 1) return misunderstood(`--runs ${values.runs}: a number from 1 on`)
  const only = new RegExp(values.only)
  const isKnown = values.breakdown ? CALL_IDS.some((id) => only.test(id)) : scenariosFor(only).length > 0
  if (!isKnown) return misunderstood(`--only ${values.only}: no such row`)
  const executable = resolve(values.flatnet)
  const obstacle = whyNot(executable)
  if (obstacle !== undefined) throw new Error(obstacle)

  const report = await runEnclosed({ executable, runs, only: values.only, breakdown: values.breakdown })
  const json = resolve(values.json)
  mkdirSync(dirname(json), { recursive: true })
  writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`)
  process.stdout.write(`${renderReport(report)}\nall figures: ${json}\n`)
  return report.failures.length === 0 ? 0 : 1
}

function misunderstood(reason: string): number {
  process.stderr.write(`bench: ${reason}\n${USAGE}`)
  return 2
}

try {
  process.exitCode = await main()
} catch (error) {
  const isUsage = error instanceof TypeError && 'code' in error
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = isUsage || error instanceof SyntaxError ? 2 : 1
}
