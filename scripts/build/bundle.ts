// TypeScript in, four texts out: main.js, which is the executable's main script and nearly empty, and one script each for
// the CNI verbs, the command line and the agent, which lie beside it as assets and are loaded when they are needed.

import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build as runEsbuild, type BuildOptions, type Plugin } from 'esbuild'
import { BuildError } from './build-error.ts'

/** What lies in the work folder after bundling. */
export interface Bundles {
  /** Path of the main script, CommonJS. */
  readonly main: string
  /** Asset name ("plugin.js") to path. Each is one function expression `(function (exports, require, module) {…})`. */
  readonly assets: Readonly<Record<string, string>>
}

interface Entry {
  readonly file: string
  /** Packages left out because this entry never runs them. */
  readonly external?: string[]
  /** Packages by what is bundled in their place. */
  readonly alias?: Record<string, string>
}

/** What src/main.ts imports dynamically, by the asset that takes its place. */
const ENTRIES: Readonly<Record<string, Entry>> = {
  plugin: {
    file: 'plugins/serve.ts',
    // src/exec/run.ts asks for it outside the CNI verbs only.
    external: ['execa'],
    // Both belong to proper-lockfile and together cost three quarters of a lock's time (docs/startup.md). What graceful-fs
    // adds, waiting when there are too many open files, a process that opens a dozen does not need.
    alias: { 'graceful-fs': 'node:fs', assert: join(import.meta.dirname, 'assert-equal.ts') },
  },
  cli: { file: 'src/cli/cli.ts' },
  agent: { file: 'src/agent/start.ts' },
}

/** Bundles src/main.ts and the {@link ENTRIES} into `work`. Throws BuildError when esbuild finds an error. */
export async function bundle(root: string, work: string, commit: string): Promise<Bundles> {
  const main = join(work, 'main.js')
  const shared = { ...COMMON, absWorkingDir: root, define: defines(root, commit) }
  await compile({
    ...shared,
    entryPoints: ['src/main.ts'],
    outfile: main,
    plugins: [entriesFromAssets(root)],
  })
  const assets: Record<string, string> = {}
  for (const [name, { file, external = [], alias = {} }] of Object.entries(ENTRIES)) {
    const path = join(work, `${name}.js`)
    await compile({ ...shared, ...AS_FUNCTION, entryPoints: [file], outfile: path, external, alias })
    assets[basename(path)] = path
  }
  for (const path of Object.values(assets)) requireAscii(path)
  return { main, assets }
}

const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  // Inside the executable there is no module loader for import() to ask; require() of a built-in does the same.
  supported: { 'dynamic-import': false },
  // Comments go, names stay: stack traces name our functions, and the size costs nothing measurable.
  minifyWhitespace: true,
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'silent',
}

const AS_FUNCTION: BuildOptions = {
  banner: { js: '(function (exports, require, module) {' },
  footer: { js: '})' },
}

function defines(root: string, commit: string): Record<string, string> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return { FLATNET_VERSION: JSON.stringify(version), FLATNET_COMMIT: JSON.stringify(commit) }
}

async function compile(options: BuildOptions): Promise<void> {
  try {
    await runEsbuild(options)
  } catch (error) {
    throw new BuildError(`esbuild: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Turns `import('../plugins/serve.ts')` in src/main.ts into loading the asset that was made of that file. */
function entriesFromAssets(root: string): Plugin {
  const names = new Map(Object.entries(ENTRIES).map(([name, { file }]) => [join(root, file), name]))
  return {
    name: 'entries-from-assets',
    setup(build) {
      build.onResolve({ filter: /./ }, ({ kind, path, resolveDir }) => {
        const name = kind === 'dynamic-import' ? names.get(join(resolveDir, path)) : undefined
        return name === undefined ? undefined : { path: name, namespace: 'asset' }
      })
      build.onLoad({ filter: /./, namespace: 'asset' }, ({ path }) => ({
        contents: `module.exports = require('./load-asset.ts').loadAsset('${path}', require)`,
        resolveDir: import.meta.dirname,
      }))
    },
  }
}

// load-asset.ts reads a script as one byte per character, which is the fastest way to make a string of it.
function requireAscii(path: string): void {
  const at = readFileSync(path).findIndex((byte) => byte > 127)
  if (at !== -1) throw new BuildError(`${path}: byte ${at} is not ASCII: write it as an escape in the source`)
}
