// `npm run soak`: what CI does for seconds, for minutes and in full. Every part makes hosts in separate
// namespaces. The whole runs with a separate network, process tree and mount namespace, so nothing is left
// behind however it ends.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { whyNoHost } from '../../test/fixtures/host/cni.ts'
import { PARTS, type Summary } from './parts.ts'
import { openScope } from './scope.ts'

const USAGE = `usage: npm run soak -- [--only PATTERN] [--minutes 75] [--seed NUMBER]
  --only PATTERN    parts whose name matches this regular expression: ${Object.keys(PARTS).join(' ')}
  --minutes N       no part begins anything new after its share of this time; 75 are enough for everything
  --seed NUMBER     start of random calls and damages; a failure names its own
Needs root, strace and a built dist/flatnet-cni. Progress goes to standard error, one JSON summary to
standard output. Exit code: 0 no faults; 1 faults; 2 usage error.
`
const CONTAINED = 'FLATNET_SOAK_CONTAINED'

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      minutes: { type: 'string', default: '75' },
      seed: { type: 'string', default: '20261122' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)]
  const only = new RegExp(values.only)
  const names = Object.keys(PARTS).filter((name) => only.test(name))
  if (!(minutes > 0) || !Number.isInteger(seed) || names.length === 0) {
    process.stderr.write(USAGE)
    return 2
  }
  const obstacle = whyNoHost() || (existsSync('/usr/bin/strace') ? false : 'strace is missing')
  if (obstacle !== false) throw new Error(obstacle)
  if (process.env[CONTAINED] !== '1') return runContained()

  const summaries: Summary[] = []
  const end = performance.now() + minutes * 60_000
  for (const [index, name] of names.entries()) {
    // Time that an earlier part did not use is given to the later ones.
    const weights = names.slice(index).map((each) => PARTS[each]?.minutes ?? 0)
    const share = (weights[0] ?? 0) / weights.reduce((sum, weight) => sum + weight)
    summaries.push(await runPart(name, (end - performance.now()) * share, seed))
  }
  process.stdout.write(`${JSON.stringify({ seed, parts: summaries }, undefined, 2)}\n`)
  return summaries.every(({ faults }) => faults.length === 0) ? 0 : 1
}

async function runPart(name: string, milliseconds: number, seed: number): Promise<Summary> {
  const began = performance.now()
  let [saidAt, done] = [began, 0]
  const say = (text: string): unknown => process.stderr.write(`soak: ${name}: ${text}\n`)
  const scope = openScope()
  try {
    say('begins')
    const found = await PARTS[name]?.run({
      scope,
      seed,
      isOver: () => performance.now() - began > milliseconds,
      progress: (faults) => {
        done += 1
        for (const fault of faults) say(fault)
        if (performance.now() - saidAt < 10_000) return
        saidAt = performance.now()
        say(`${String(done)} done`)
      },
    })
    if (found === undefined) throw new TypeError(`no part ${name}`)
    say(`${JSON.stringify(found.counts)}, ${String(found.faults.length)} faults`)
    return { name, seconds: Math.round((performance.now() - began) / 1000), ...found }
  } finally {
    await scope.end()
  }
}

function runContained(): number {
  const contain = join(import.meta.dirname, '../lab/contain.sh')
  const argv = [process.execPath, import.meta.filename, ...process.argv.slice(2)]
  const { status } = spawnSync(contain, argv, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, [CONTAINED]: '1' },
  })
  return status ?? 1
}

try {
  process.exitCode = await main()
} catch (error) {
  const isUsage = error instanceof TypeError && 'code' in error
  process.stderr.write(`soak: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = isUsage || error instanceof SyntaxError ? 2 : 1
}
