// Two rules for oxlint. `layers`: imports under src and plugins point down only. `circles`: no import leads
// back to its own file. Both see type imports and dynamic imports, which oxlint's own import rules skip.

import { readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/**
 * The rooms from the bottom up. A file imports from its own room and from the rows below it; rooms in one row
 * do not know each other. src/README.md draws the same table.
 */
export const ROWS: readonly (readonly string[])[] = [
  ['cni'],
  ['addr', 'json.ts', 'unix-time.ts', 'program-version.ts', 'build-info.ts', 'shipped-files.ts'],
  ['ip', 'nebula', 'paths'],
  ['net', 'route', 'metrics', 'views', 'http-gateway'],
  ['config'],
  ['registry'],
  ['names'],
  ['netavark', 'provision'],
  ['check'],
  ['output.ts'],
  ['kernel', 'log.ts'],
  ['exec', 'state'],
  ['api'],
  ['host'],
  ['diagnose', 'office', 'setup'],
  ['agent', 'cli', 'plugins'],
  ['main.ts'],
]

/**
 * Returns the room of a path relative to the repository: the first name under src, or "plugins". Undefined
 * elsewhere.
 */
function roomOf(path: string): string | undefined {
  const [top, name] = path.split('/')
  return top === 'plugins' ? 'plugins' : top === 'src' ? name : undefined
}

/**
 * Returns what is wrong with an import between two paths relative to the repository; undefined if nothing
 * is.
 */
export function layerFault(from: string, to: string): string | undefined {
  const [own, other] = [roomOf(from), roomOf(to)]
  if (own === undefined || own === other) return undefined
  if (other === undefined) return `${from} imports ${to}, which the executable does not contain`
  const [ownRow, otherRow] = [rowOf(own), rowOf(other)]
  if (ownRow === -1 || otherRow === -1)
    return `${ownRow === -1 ? own : other} has no row in scripts/lint/layers.ts`
  if (otherRow < ownRow) return undefined
  return otherRow === ownRow
    ? `${own} and ${other} share a row and do not know each other`
    : `${own} lies below ${other}`
}

function rowOf(room: string): number {
  return ROWS.findIndex((row) => row.includes(room))
}

// Finds imports in a file's text: formatted sources have every specifier on one line, in single quotes.
const SPECIFIER = /(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)'(\.[^'\n]*)'/g
const known = new Map<string, readonly string[]>()

function importsOf(path: string): readonly string[] {
  let found = known.get(path)
  if (found === undefined) {
    const text =
      statSync(path, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(path, 'utf8') : ''
    found = [...text.matchAll(SPECIFIER)].map(([, specifier = '']) => resolve(dirname(path), specifier))
    known.set(path, found)
  }
  return found
}

/**
 * Returns the files from `start` back to `goal` along imports, both included; undefined if no imports lead
 * back.
 */
function wayBack(start: string, goal: string): readonly string[] | undefined {
  const before = new Map<string, string | undefined>([[start, undefined]])
  for (const file of before.keys()) {
    if (file === goal) {
      const way: string[] = []
      for (let at: string | undefined = file; at !== undefined; at = before.get(at)) way.unshift(at)
      return way
    }
    for (const next of importsOf(file)) if (!before.has(next)) before.set(next, file)
  }
  return undefined
}

interface Node {
  readonly type: string
  readonly value?: unknown
}
interface Importing extends Node {
  readonly source?: Node | null
}
interface Context {
  readonly filename: string
  readonly cwd: string
  readonly report: (problem: { readonly node: Importing; readonly message: string }) => void
}

// Calls `look` with the absolute path behind each relative specifier of the file.
function onEachImport(context: Context, look: (to: string, node: Importing) => void): object {
  const see = (node: Importing): void => {
    const specifier = node.source?.value
    if (typeof specifier === 'string' && specifier.startsWith('.'))
      look(join(dirname(context.filename), specifier), node)
  }
  return {
    ImportDeclaration: see,
    ImportExpression: see,
    ExportAllDeclaration: see,
    ExportNamedDeclaration: see,
    TSImportType: see,
  }
}

export const layers = {
  create: (context: Context) =>
    onEachImport(context, (to, node) => {
      const message = layerFault(relative(context.cwd, context.filename), relative(context.cwd, to))
      if (message !== undefined) context.report({ node, message: `${message} (src/README.md, Layers)` })
    }),
}

export const circles = {
  create: (context: Context) =>
    onEachImport(context, (to, node) => {
      const way = wayBack(to, context.filename)
      if (way === undefined) return
      const names = [context.filename, ...way].map((path) => relative(context.cwd, path))
      context.report({ node, message: `these files import each other in a circle: ${names.join(' → ')}` })
    }),
}
