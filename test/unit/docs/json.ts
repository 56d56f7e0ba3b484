// docs/json.md: every command that offers --json has a section, in both languages.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { CommandSpec } from '../../../src/cli/command.ts'
import { COMMANDS } from '../../../src/cli/commands.ts'

const read = (name: string): string => readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8')

/** The full names of the commands that offer --json. */
function offering(commands: readonly CommandSpec[], before = ''): readonly string[] {
  return commands.flatMap(({ name, json = false, subcommands = [] }) => {
    const whole = `${before}${name}`
    return [...(json ? [whole] : []), ...offering(subcommands, `${whole} `)]
  })
}

/** What the headings of a page name. */
function headed(page: string): ReadonlySet<string> {
  const headings = page.split('\n').filter((line) => line.startsWith('## '))
  return new Set(headings.flatMap((line) => [...line.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)))
}

/** The commands that the page says have a schema instead. */
function withSchema(page: string): readonly string[] {
  const [, name] = /`(\w+)`\s*(?:has a schema|にはスキーマ)/.exec(page) ?? []
  return name === undefined ? [] : [name]
}

for (const page of ['json.md', 'json.ja.md'])
  t.test(`${page} has a section for every command with --json`, (t) => {
    const names = headed(read(page))
    const missing = offering(COMMANDS).filter(
      (name) => !names.has(name) && !withSchema(read(page)).includes(name),
    )
    t.ok(offering(COMMANDS).length > 25)
    t.same(withSchema(read(page)), ['check'])
    t.same(missing, [])
    t.end()
  })
