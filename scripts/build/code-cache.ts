// Generates V8's code cache for the scripts that are assets of the executable.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { compileSome } from './compile-some.ts'
import { type FunctionRange, functionsOf } from './functions.ts'

/**
 * The caches of plugin.js, and the names of the functions that each holds, one a line (record-usual.ts). A
 * DEL runs less than half of them, so it has a cache of its own (load-asset.ts).
 */
export const USUAL = {
  'plugin.cache': join(import.meta.dirname, 'usual-functions.txt'),
  'plugin-del.cache': join(import.meta.dirname, 'usual-del-functions.txt'),
} as const

// Make two caches of one script equal: V8 orders its tables by a random seed, and compiles in threads of its
// own.
const REPEATABLE = ['--hash-seed=4280', '--predictable']
const LONGEST_LIST_BYTES = 1 << 24

/**
 * Compiles every asset and writes its caches into `work`: of plugin.js {@link USUAL}, of any other
 * `<name>.js` all functions as `<name>.cache`. Must run under the exact Node version that reads them. Returns
 * the new assets, name to path.
 */
export function writeCodeCache(
  assets: Readonly<Record<string, string>>,
  work: string,
): Record<string, string> {
  const caches = Object.entries(assets).flatMap(([asset, path]) => {
    const lists =
      asset === 'plugin.js' ? Object.entries(USUAL) : [[`${basename(path, '.js')}.cache`] as const]
    return lists.map(([name, list]) => {
      const target = join(work, name)
      // A process for each, so that nothing else that the build does leaves its mark.
      const input = list === undefined ? '' : inOwnProcess(['list', path, list])
      inOwnProcess(['write', path, target], input)
      return [name, target]
    })
  })
  return Object.fromEntries(caches) as Record<string, string>
}

function inOwnProcess(args: readonly string[], input = ''): string {
  const argv = [...REPEATABLE, '--expose-internals', import.meta.filename, ...args]
  return execFileSync(process.execPath, argv, { input, encoding: 'utf8', maxBuffer: LONGEST_LIST_BYTES })
}

/** Chooses the functions with these names, and those without a name inside them. */
export function chooseUsual(
  functions: readonly FunctionRange[],
  names: ReadonlySet<string>,
): readonly FunctionRange[] {
  const chosen: FunctionRange[] = []
  // From the outside in, so that the last chosen one that has not ended is the innermost around the next.
  const around: { readonly end: number; readonly isChosen: boolean }[] = []
  for (const each of functions.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    while ((around.at(-1)?.end ?? Infinity) <= each.start) around.pop()
    const isChosen = each.name === '' ? (around.at(-1)?.isChosen ?? false) : names.has(each.name)
    if (isChosen) chosen.push(each)
    around.push({ end: each.end, isChosen })
  }
  return chosen
}

function compile(source: string, filename: string, list: string): Script {
  if (list !== '') return compileSome(source, filename, JSON.parse(list) as FunctionRange[])
  // V8 normally compiles a function on its first call.
  setFlagsFromString('--no-lazy')
  const script = new Script(source, { filename })
  setFlagsFromString('--lazy')
  return script
}

// `file` is a list of names to read, or the cache to write.
function work([verb, path = '', file = '']: readonly string[]): void {
  const source = readFileSync(path, 'latin1')
  if (verb === 'list') {
    const names = new Set(readFileSync(file, 'utf8').split('\n').filter(Boolean))
    process.stdout.write(JSON.stringify(chooseUsual(functionsOf(source), names)))
    return
  }
  const script = compile(source, basename(path), readFileSync(0, 'utf8'))
  // The cache contains a hash of all flags, and the executable runs with V8's defaults.
  for (const flag of ['--hash-seed=0', '--no-predictable']) setFlagsFromString(flag)
  writeFileSync(file, script.createCachedData())
}

if (import.meta.main) work(process.argv.slice(2))
