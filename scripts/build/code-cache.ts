// V8's code cache for the scripts that lie in the executable as assets.

import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'

/**
 * Compiles every asset, all functions included, and writes `<name>.cache` for `<name>.js` into `work`. Must run under the
 * very Node that reads it. Returns the new assets, name to path.
 */
export function writeCodeCache(
  assets: Readonly<Record<string, string>>,
  work: string,
): Record<string, string> {
  const caches = Object.values(assets).map((path) => {
    const name = `${basename(path, '.js')}.cache`
    const target = join(work, name)
    writeFileSync(target, compileAll(readFileSync(path, 'latin1'), basename(path)))
    return [name, target]
  })
  return Object.fromEntries(caches) as Record<string, string>
}

// V8 normally compiles a function when it is first called, and the cache of a script that never ran lacks nearly all of them.
// The flag goes back before the cache is made: a hash of all flags is part of it, and the executable runs with V8's defaults.
function compileAll(source: string, filename: string): Buffer {
  setFlagsFromString('--no-lazy')
  const script = new Script(source, { filename })
  setFlagsFromString('--lazy')
  return script.createCachedData()
}
