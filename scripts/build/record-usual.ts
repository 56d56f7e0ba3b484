// Records the functions that ADD and DEL, and netavark's setup and teardown, run with and without a port, in
// usual-functions.txt, and those of DEL and teardown alone in usual-del-functions.txt, so that the code
// caches hold those and no others (code-cache.ts). Run it when the verbs have changed much: what a list lacks
// is compiled when it runs, and what it has in excess is read for nothing. Both cost time only. Needs a
// build, and what the bench needs.
// Usage: node scripts/build/record-usual.ts

import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'
import type * as Plugin from '../../plugins/serve.ts'
import { netavarkVerb } from '../../src/netavark/verbs.ts'
import { nativeExecutable } from './base.ts'
import { bundle } from './bundle.ts'
import { USUAL } from './code-cache.ts'
import { functionsOf } from './functions.ts'

const ROOT = join(import.meta.dirname, '../..')
const BENCH = join(ROOT, 'scripts/bench/calls/main.ts')

// Of what ran, the names of the files that tell of calls that remove.
const REMOVALS = /^ran-(?:DEL|teardown)-/

async function record(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'flatnet-record-'))
  try {
    const { assets } = await bundle(ROOT, work, 'recorded')
    const plugin = assets['plugin.js'] ?? ''
    const program = join(work, 'flatnet-cni')
    const lines = [
      '#!/bin/sh',
      // The bench asks for the version of what it measures.
      `[ "$1" != version ] || exec ${join(ROOT, 'dist/flatnet-cni')} "$@"`,
      `RECORDED=${plugin} exec ${nativeExecutable(ROOT)} ${import.meta.filename} "$@"`,
    ]
    writeFileSync(program, lines.join('\n'))
    chmodSync(program, 0o755)
    const rows = [
      '--only',
      '^(job|noport|bare|podman5|podman5-port)-(add|setup)',
      '--runs',
      '1',
      '--json',
      join(work, 'bench.json'),
    ]
    execFileSync(process.execPath, [BENCH, '--flatnet', program, ...rows], { stdio: 'inherit' })
    const functions = functionsOf(readFileSync(plugin, 'latin1'))
    for (const [cache, file] of Object.entries(USUAL)) {
      // A function's last character tells which it is, whatever V8 calls it.
      const ends = new Set(
        readdirSync(work)
          .filter((name) => (cache === 'plugin-del.cache' ? REMOVALS : /^ran-/).test(name))
          .flatMap((name) => JSON.parse(readFileSync(join(work, name), 'utf8')) as number[]),
      )
      const names = functions.filter(({ name, end }) => name !== '' && ends.has(end)).map(({ name }) => name)
      writeFileSync(file, `${[...new Set(names)].toSorted().join('\n')}\n`)
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

// Serves one call from the bundle, and writes where the functions end that ran.
async function call(plugin: string): Promise<void> {
  const command = process.env['CNI_COMMAND'] ?? ''
  const podmanVerb = netavarkVerb(process.argv[2])
  const verb = podmanVerb ?? command
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
  process.on('exit', () => {
    session.post('Profiler.takePreciseCoverage', (_, { result }) => {
      const { functions = [] } = result.find(({ url }) => url === 'plugin.js') ?? {}
      const ran = functions.flatMap(({ ranges: [range] }) => (range?.count ? [range.endOffset] : []))
      writeFileSync(join(dirname(plugin), `ran-${verb}-${randomUUID()}`), JSON.stringify(ran))
    })
  })
  const script = new Script(readFileSync(plugin, 'latin1'), { filename: 'plugin.js' })
  const run = script.runInThisContext() as (exports: object, require: NodeJS.Require, module: object) => void
  const module = { exports: {} as typeof Plugin }
  run(module.exports, createRequire(import.meta.filename), module)
  const { runPlugin, runNetavark } = module.exports
  process.exit(
    await (podmanVerb === undefined ? runPlugin(command) : runNetavark(podmanVerb, process.argv[3] ?? '')),
  )
}

const recorded = process.env['RECORDED']
if (recorded !== undefined) await call(recorded)
else if (process.execArgv.includes('--expose-internals')) await record()
else execFileSync(nativeExecutable(ROOT), ['--expose-internals', import.meta.filename], { stdio: 'inherit' })
