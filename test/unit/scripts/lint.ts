// The rules of this repository in .oxlintrc.json, each broken on purpose in a small tree.

import { spawnSync } from 'node:child_process'
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { layerFault, ROWS } from '../../../scripts/lint/layers.ts'
import { MOST_COLUMNS, wideLines } from '../../../scripts/lint/width.ts'

const ROOT = join(import.meta.dirname, '../..', '..')

// Runs oxlint as `npm run check` does and returns "file: message" of each finding. The tree is outside the
// checkout because oxlint skips what .gitignore names, which includes tap's own folders.
function lint(t: Test, files: Readonly<Record<string, string>>): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'flatnet-lint-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  cpSync(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  cpSync(join(ROOT, 'scripts', 'lint'), join(folder, 'scripts', 'lint'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  // tap puts its own modules into NODE_OPTIONS of every child; oxlint cannot load ours with them.
  const program = join(ROOT, 'node_modules', '.bin', 'oxlint')
  const args = ['--unset=NODE_OPTIONS', program, '--format=json', 'src', 'plugins', 'scripts', 'test']
  const { stdout, stderr } = spawnSync('env', args, { cwd: folder, encoding: 'utf8' })
  if (stdout === '') throw new Error(`oxlint printed nothing: ${stderr}`)
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: readonly { filename: string; message: string; help?: string }[]
  }
  return diagnostics
    .map(({ filename, message, help = '' }) => `${filename}: ${message} ${help}`.trim())
    .toSorted()
}

t.test('every room under src has a row, and only rooms that exist have one', async (t) => {
  const rooms = readdirSync(join(ROOT, 'src')).filter((name) => name !== 'README.md')
  t.same([...rooms, 'plugins'].toSorted(), ROWS.flat().toSorted())
})

t.test('an import may point down, and within its own room', async (t) => {
  t.equal(layerFault('src/host/rules.ts', 'src/exec/network/nft.ts'), undefined)
  t.equal(layerFault('plugins/cni/serve.ts', 'src/host/host.ts'), undefined)
  t.equal(layerFault('src/host/rules.ts', 'src/host/routes/routes.ts'), undefined)
  t.equal(layerFault('scripts/demo/run.ts', 'src/cli/cli.ts'), undefined)
})

t.test('an import that points up, sideways or out of the executable is a fault', async (t) => {
  t.match(layerFault('src/exec/network/ip.ts', 'src/host/host.ts'), 'exec lies below host')
  t.match(layerFault('src/cli/cli.ts', 'src/agent/agent.ts'), 'cli and agent share a row')
  t.match(layerFault('src/cli/cli.ts', 'plugins/cni/serve.ts'), 'cli and plugins share a row')
  t.match(layerFault('src/cli/cli.ts', 'scripts/lab/lab.ts'), 'which the executable does not contain')
  t.match(layerFault('src/new-room/a.ts', 'src/addr/ip.ts'), 'new-room has no row')
})

// As wide as a line may be, and one column wider.
const WIDE = 'w'.repeat(MOST_COLUMNS - 3)
const TOO_WIDE = /111 columns, and 110 are allowed/

// Each line: the file, its text, and oxlint's message.
const BROKEN: readonly (readonly [string, string, RegExp | undefined])[] = [
  ['src/host/host.ts', 'export const host = 1\nexport type Host = typeof host\n', undefined],
  [
    'src/exec/plain.ts',
    "import { host } from '../host/host.ts'\nexport const a = host\n",
    /exec lies below host/,
  ],
  [
    'src/exec/type.ts',
    "import type { Host } from '../host/host.ts'\nexport type A = Host\n",
    /exec lies below host/,
  ],
  ['src/exec/inline.ts', "export type A = import('../host/host.ts').Host\n", /exec lies below host/],
  ['src/exec/dynamic.ts', "export const a = () => import('../host/host.ts')\n", /exec lies below host/],
  ['src/exec/again.ts', "export { host } from '../host/host.ts'\n", /exec lies below host/],
  ['src/exec/all.ts', "export * from '../host/host.ts'\n", /exec lies below host/],
  ['src/cli/a.ts', "import type { B } from './b.ts'\nexport type A = B\n", /in a circle/],
  ['src/cli/b.ts', "import type { A } from './a.ts'\nexport type B = A | 1\n", /in a circle/],
  ['src/cli/c.ts', "export const c = () => import('./d.ts')\n", /in a circle/],
  ['src/cli/d.ts', "import { c } from './c.ts'\nexport const d = c\n", /in a circle/],
  [
    'src/host/run.ts',
    "import { spawn } from 'node:child_process'\nexport const a = spawn\n",
    /node:child_process/,
  ],
  ['src/route/read.ts', "import { readFileSync } from 'node:fs'\nexport const a = readFileSync\n", /node:fs/],
  ['src/config/ip.ts', "import { Address4 } from 'ip-address'\nexport const a = Address4\n", /ip-address/],
  [
    'src/kernel/lock.ts',
    "import { lock } from 'proper-lockfile'\nexport const a = lock\n",
    /proper-lockfile/,
  ],
  ['plugins/cni/run.ts', "import { execa } from 'execa'\nexport const a = execa\n", /execa/],
  [
    'src/exec/launch/spawn.ts',
    "import { spawn } from 'node:child_process'\nexport const a = spawn\n",
    undefined,
  ],
  [
    'src/exec/network/ip.ts',
    "import { spawn } from 'node:child_process'\nexport const a = spawn\n",
    /node:child_process/,
  ],
  ['src/addr/wide.ts', `// ${WIDE}\nexport const a = 1\n`, undefined],
  ['src/addr/comment.ts', `export const a = 1\n// ${WIDE}w\n`, TOO_WIDE],
  ['plugins/cni/docstring.ts', `/**\n * ${WIDE}w\n */\nexport const a = 1\n`, TOO_WIDE],
  ['scripts/string.ts', `export const a =\n  '${WIDE.slice(1)}w'\n`, TOO_WIDE],
  ['src/addr/long.ts', `export const a = 1\n${'\n'.repeat(250)}`, /too many lines/],
  [
    'src/addr/function.ts',
    `export function a(): number {\n${'\n'.repeat(80)}  return 1\n}\n`,
    /too many lines/,
  ],
  ['test/template.ts', `export const a = \`\n${WIDE}wwww\n\`\n`, TOO_WIDE],
]

t.test('no line of a shell or Perl script is too wide', async (t) => {
  const paths = globSync('{scripts,src,test}/**/*.{sh,pl}', { cwd: ROOT })
  t.ok(paths.includes('scripts/install.sh'))
  for (const path of paths) t.same(wideLines(readFileSync(join(ROOT, path), 'utf8')), [], path)
})

t.test('oxlint reports every broken rule', { timeout: 600_000 }, async (t) => {
  const found = lint(t, Object.fromEntries(BROKEN.map(([file, text]) => [file, text])))
  for (const [file, , expected] of BROKEN) {
    const said = found.filter((each) => each.startsWith(`${file}: `)).join('\n')
    if (expected === undefined) t.equal(said, '', file)
    else t.match(said, expected, file)
  }
})
