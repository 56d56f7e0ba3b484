// The Lua of the HTTP Gateway, by path below its `lua` folder. The build puts the texts into the executable
// in place of this module (scripts/build/bundle.ts).

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '../../http-gateway/lua')

/** "flatnet/route.lua" to its text. */
export const LUA_FILES: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.lua'))
    .toSorted()
    .map((path) => [path, readFileSync(join(FOLDER, path), 'utf8')]),
)
