// Generates V8's code cache for the scripts that are assets of the executable.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'

// Make two caches of one script equal: V8 orders its tables by a random seed, and compiles in threads of its
// own.
const REPEATABLE = ['--hash-seed=4280', '--predictable']

/**
 * Compiles every asset, all functions included, and writes `<name>.cache` for `<name>.js` into `work`. Must
 * run under the exact Node version that reads it. Returns the new assets, name to path.
 */
export function writeCodeCache(
  assets: Readonly<Record<string, string>>,
  work: string,
): Record<string, string> {
  const caches = Object.values(assets).map((path) => {
    const name = `${basename(path, '.js')}.cache`
    const target = join(work, name)
    // A process for each, so that nothing else that the build does leaves its mark.
    execFileSync(process.execPath, [...REPEATABLE, import.meta.filename, path, target])
    return [name, target]
  })
  return Object.fromEntries(caches) as Record<string, string>
}

// V8 normally compiles a function on its first call, so the cache of a script that never ran lacks nearly all
// functions. The flags are reset before the cache is created: the cache contains a hash of all flags, and the
// executable runs with V8's defaults.
function compileAll(source: string, filename: string): Buffer {
  setFlagsFromString('--no-lazy')
  const script = new Script(source, { filename })
  for (const flag of ['--lazy', '--hash-seed=0', '--no-predictable']) setFlagsFromString(flag)
  return script.createCachedData()
}

if (import.meta.main) {
  const [path = '', target = ''] = process.argv.slice(2)
  writeFileSync(target, compileAll(readFileSync(path, 'latin1'), basename(path)))
}
