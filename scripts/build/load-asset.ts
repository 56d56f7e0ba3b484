// Bundled into the executable's main script to load one of the other scripts. Node's own code cache for the
// main script holds only what V8 compiles eagerly; a script loaded this way can have every function cached
// (code-cache.ts).

import { getAssetKeys, getRawAsset } from 'node:sea'
import { Script } from 'node:vm'

type Run = (exports: object, require: NodeJS.Require, module: { exports: object }) => void

/** Runs asset `<name>.js`, with its code cache if there is one, and returns its exports. */
export function loadAsset(name: string, require: NodeJS.Require): object {
  const cache = cacheOf(name)
  const cachedData = cache === undefined ? undefined : Buffer.from(getRawAsset(cache))
  // A raw asset is the executable's own memory, so only the string is a copy.
  const source = Buffer.from(getRawAsset(`${name}.js`)).toString('latin1')
  const script = new Script(source, { filename: `${name}.js`, ...(cachedData && { cachedData }) })
  if (script.cachedDataRejected === true && process.env['FLATNET_BUILD_CHECK'] !== undefined) {
    throw new Error(`V8 refuses ${String(cache)}`)
  }
  const run: Run = script.runInThisContext()
  const module = { exports: {} }
  run(module.exports, require, module)
  return module.exports
}

function cacheOf(name: string): string | undefined {
  const isRemoval = process.env['CNI_COMMAND'] === 'DEL' || process.argv[2] === 'teardown'
  const keys = getAssetKeys()
  return [...(isRemoval ? [`${name}-del.cache`] : []), `${name}.cache`].find((key) => keys.includes(key))
}
