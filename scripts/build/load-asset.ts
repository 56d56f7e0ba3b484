// Bundled into the executable's main script: how one of the scripts beside it is loaded. Node's own code cache for the main
// script holds only what V8 compiles eagerly; loaded this way the cache can hold every function (code-cache.ts).

import { getAssetKeys, getRawAsset } from 'node:sea'
import { Script } from 'node:vm'

type Run = (exports: object, require: NodeJS.Require, module: { exports: object }) => void

/** Runs asset `<name>.js` with the code cache `<name>.cache`, where there is one, and returns its exports. */
export function loadAsset(name: string, require: NodeJS.Require): object {
  const cache = `${name}.cache`
  const cachedData = getAssetKeys().includes(cache) ? Buffer.from(getRawAsset(cache)) : undefined
  // A raw asset is the executable's own memory: nothing is copied but the one string.
  const source = Buffer.from(getRawAsset(`${name}.js`)).toString('latin1')
  const script = new Script(source, { filename: `${name}.js`, ...(cachedData && { cachedData }) })
  if (script.cachedDataRejected === true && process.env['FLATNET_BUILD_CHECK'] !== undefined) {
    throw new Error(`V8 refuses ${cache}`)
  }
  const run: Run = script.runInThisContext()
  const module = { exports: {} }
  run(module.exports, require, module)
  return module.exports
}
