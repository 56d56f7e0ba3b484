// Commands in README and docs: both languages have the same, each block says where it is run, and each line
// of flatnet-cni is one that the program understands.

import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { PROGRAM } from '../../../src/cli/commands.ts'
import { parseLine } from '../../../src/cli/parse.ts'
import { blocksOf, commandOf, inlineCode } from '../../fixtures/docs/blocks.ts'

const ROOT = join(import.meta.dirname, '../../..')
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8')
const PAGES = ['README.md', ...globSync('docs/*.md', { cwd: ROOT })].filter(
  (name) => !name.endsWith('.ja.md'),
)
const twinOf = (name: string): string => name.replace(/\.md$/, '.ja.md')
/** Pages whose blocks are run. */
const RUN = ['README.md', 'docs/operations.md']

/** Programs that pages tell people to run. Other lines are output. */
const PROGRAMS = [
  'flatnet-cni',
  'npm',
  'dpkg',
  'podman',
  'nerdctl',
  'systemctl',
  'curl',
  'nebula',
  'nebula-cert',
  'ip',
  'nft',
]

const commands = (page: string): readonly string[] =>
  blocksOf(page).flatMap(({ lines }) =>
    lines.map(commandOf).filter((line) => {
      const [program = ''] = line.split(' ')
      return PROGRAMS.includes(program) || program.startsWith('scripts/')
    }),
  )

t.test('both languages have the same commands', async (t) => {
  const twins = PAGES.filter((name) => existsSync(join(ROOT, twinOf(name))))
  t.ok(twins.length > 5)
  for (const name of twins) t.same(commands(read(twinOf(name))), commands(read(name)), name)
})

t.test('every block of the guide is run, or says why not', async (t) => {
  for (const name of RUN) {
    const [english, japanese] = [name, twinOf(name)].map((each) => blocksOf(read(each)))
    for (const { mark, line, lines } of english ?? [])
      t.ok(mark, `${name}, line ${String(line)}: ${lines[0] ?? ''}`)
    t.same(
      japanese?.map(({ mark }) => mark !== undefined && 'on' in mark),
      english?.map(({ mark }) => mark !== undefined && 'on' in mark),
      `${name}: the same blocks in Japanese`,
    )
  }
})

t.test('the program understands every line of its own', async (t) => {
  let count = 0
  for (const name of ['README.md', 'README.ja.md', ...globSync('docs/*.md', { cwd: ROOT })]) {
    const page = read(name)
    const lines = [...commands(page), ...inlineCode(page)].filter(isWhole)
    for (const line of new Set(lines)) {
      const parsed = parseLine(PROGRAM, line.split(/\s+/).slice(1))
      count += 1
      const problem = 'problem' in parsed ? parsed.problem : ''
      t.ok(problem === '' || isShort(problem), `${name}: ${line}: ${problem}`)
    }
  }
  t.ok(count > 50)
})

const NAMES = new Set(PROGRAM.subcommands?.map(({ name }) => name))

function isWhole(line: string): boolean {
  const [program, command = ''] = line.split(' ')
  return program === 'flatnet-cni' && NAMES.has(command) && !/[…·|<>[\]'"$]/.test(line)
}

// Prose names commands by their first words.
function isShort(problem: string): boolean {
  return /missing required argument|needs a subcommand/.test(problem)
}
