// Writes docs/commands.md and docs/man/*.8 from the table of commands. Usage: node scripts/command-docs.ts

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandPage } from '../src/cli/pages/command-page.ts'
import { PROGRAM } from '../src/cli/commands.ts'
import { manualPages } from '../src/cli/pages/man.ts'

const DOCS = join(import.meta.dirname, '..', 'docs')
const man = join(DOCS, 'man')
mkdirSync(man, { recursive: true })
for (const name of readdirSync(man)) rmSync(join(man, name))
for (const { file, text } of manualPages(PROGRAM)) writeFileSync(join(man, file), text)
writeFileSync(join(DOCS, 'commands.md'), commandPage(PROGRAM))
