// Bundles TypeScript into four scripts: main.js, the executable's nearly empty main script, and one script
// each for the CNI verbs, the command line and the agent. Those three are assets and are loaded on demand.

import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build as runEsbuild, type BuildOptions, type Plugin } from 'esbuild'
import type { ShippedFiles } from '../../src/shipped-files.ts'
import { BuildError } from './build-error.ts'
import { bundlePage } from './page.ts'

/** The contents of the work folder after bundling. */
export interface Bundles {
  /** The path of the main script, CommonJS. */
  readonly main: string
  /**
   * Asset name ("plugin.js") to path. Each is one function expression `(function (exports, require,
   * module) {…})`.
   */
  readonly assets: Readonly<Record<string, string>>
}

interface Entry {
  readonly file: string
  /** Packages left out because this entry never runs them. */
  readonly external?: string[]
  /** Maps packages to what is bundled in their place. */
  readonly alias?: Record<string, string>
}

/** The dynamic imports of src/main.ts, by the asset that replaces each. */
const ENTRIES: Readonly<Record<string, Entry>> = {
  plugin: {
    file: 'plugins/serve.ts',
    // Only src/exec/run.ts loads it, and never in the CNI verbs.
    external: ['execa'],
    // Both belong to proper-lockfile and together account for three quarters of a lock's time
    // (docs/startup.md). graceful-fs only adds retries when too many files are open, and this process
    // opens a dozen.
    alias: { 'graceful-fs': 'node:fs', assert: join(import.meta.dirname, 'assert-equal.ts') },
  },
  cli: { file: 'src/cli/cli.ts' },
  // src/exec/run.ts never runs execa here.
  agent: { file: 'src/agent/start.ts', external: ['execa'] },
}

/**
 * Bundles src/main.ts and the {@link ENTRIES} into `work`. Throws BuildError when esbuild reports an error.
 */
export async function bundle(root: string, work: string, commit: string): Promise<Bundles> {
  const main = join(work, 'main.js')
  const shared = { ...COMMON, absWorkingDir: root, define: await defines(root, commit) }
  await compile({
    ...shared,
    entryPoints: ['src/main.ts'],
    outfile: main,
    plugins: [entriesFromAssets(root)],
  })
  const assets: Record<string, string> = {}
  for (const [name, { file, external = [], alias = {} }] of Object.entries(ENTRIES)) {
    const path = join(work, `${name}.js`)
    const plugins = [luaTexts(root), addressesLater(root)]
    await compile({ ...shared, ...AS_FUNCTION, entryPoints: [file], outfile: path, external, alias, plugins })
    giveOneKey(path)
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
  // The executable has no module loader for import(); require() of a built-in does the same.
  supported: { 'dynamic-import': false },
  // Comments are stripped and names kept: stack traces show our functions, and the size costs
  // nothing measurable.
  minifyWhitespace: true,
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'silent',
}

const AS_FUNCTION: BuildOptions = {
  banner: { js: '(function (exports, require, module) {' },
  footer: { js: '})' },
}

async function defines(root: string, commit: string): Promise<Record<string, string>> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const files = Object.entries(FILES).map(([name, path]) => [name, readFileSync(join(root, path), 'utf8')])
  return {
    FLATNET_VERSION: JSON.stringify(version),
    FLATNET_COMMIT: JSON.stringify(commit),
    FLATNET_FILES: JSON.stringify(Object.fromEntries(files)),
    FLATNET_PAGE: JSON.stringify(await bundlePage(root)),
  }
}

/** The members of `ShippedFiles` (src/shipped-files.ts), and the files they come from. */
export const FILES: Readonly<Record<keyof ShippedFiles, string>> = {
  agentUnit: 'scripts/flatnet-agent.service',
  nebulaUnit: 'scripts/flatnet-nebula.service',
  agentScript: 'scripts/agent-wsl.sh',
  startScript: 'scripts/flatnet-start.sh',
  conflist: 'conflist/10-flatnet.conflist',
  windowsFacts: 'scripts/windows/flatnet-facts.ps1',
  windowsRecord: 'scripts/windows/flatnet-record.ps1',
  windowsNetwork: 'scripts/windows/flatnet-network.ps1',
  windowsSystem: 'scripts/windows/flatnet-system.ps1',
  windowsSync: 'scripts/windows/flatnet-sync.ps1',
  windowsUndo: 'scripts/windows/flatnet-undo.ps1',
}

async function compile(options: BuildOptions): Promise<void> {
  try {
    await runEsbuild(options)
  } catch (error) {
    throw new BuildError(`esbuild: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/**
 * Replaces `import('../plugins/serve.ts')` in src/main.ts by code that loads the asset made
 * from that file.
 */
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

/** Replaces src/state/files/lua-files.ts, which reads the Lua files from their folder, by their texts. */
function luaTexts(root: string): Plugin {
  const module = join(root, 'src/state/files/lua-files.ts')
  return {
    name: 'lua-texts',
    setup(build) {
      build.onLoad({ filter: /lua-files[.]ts$/ }, async ({ path }) => {
        if (path !== module) return undefined
        const { LUA_FILES } = (await import(module)) as { LUA_FILES: Readonly<Record<string, string>> }
        return { contents: `export const LUA_FILES = ${JSON.stringify(LUA_FILES)}`, loader: 'js' }
      })
    },
  }
}

/**
 * Loads ip-address at the first IPv6 address. When it is loaded, the package parses dozens of addresses and
 * networks of its own, which takes a verb as long as the rest of all modules (docs/startup.md).
 */
function addressesLater(root: string): Plugin {
  const contents = "module.exports = { get Address6() { return require('ip-address').Address6 } }"
  return {
    name: 'addresses-later',
    setup(build) {
      build.onResolve({ filter: /^ip-address$/ }, ({ kind, path }) =>
        kind === 'import-statement' ? { path, namespace: 'later' } : undefined,
      )
      build.onLoad({ filter: /./, namespace: 'later' }, () => ({ contents, resolveDir: root }))
    },
  }
}

// esbuild wraps a module in an object whose only method has the name of the module's file. V8 makes a hidden
// class for every object with a new key. So all keys are the same, and the method keeps its name.
function giveOneKey(path: string): void {
  const script = readFileSync(path, 'utf8').replaceAll(
    /\b(__esm|__commonJS)\(\{"([^"\\]*)"\(/g,
    (_, wrapper: string, file: string) => `${wrapper}({module:function ${file.replaceAll(/\W/g, '_')}(`,
  )
  writeFileSync(path, script)
}

// load-asset.ts reads a script as one byte per character, the fastest way to turn it into a string.
function requireAscii(path: string): void {
  const at = readFileSync(path).findIndex((byte) => byte > 127)
  if (at !== -1) throw new BuildError(`${path}: byte ${at} is not ASCII: write it as an escape in the source`)
}
