// Finds the functions of a script with the parser that Node contains, which needs --expose-internals.

import { createRequire } from 'node:module'

/** A function of a script; offsets in characters. */
export interface FunctionRange {
  /** The function's own name, or that of the variable, property or method that it is; "" for callbacks. */
  readonly name: string
  readonly start: number
  readonly end: number
}

/** A node of a syntax tree (ESTree). */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** Returns the functions of a script, outer ones before those inside them. */
export function functionsOf(source: string): readonly FunctionRange[] {
  const found: FunctionRange[] = []
  const visit = (node: Node, name: string): void => {
    if (FUNCTIONS.has(node.type)) {
      found.push({ name: textOf(node['id']) || name, start: node.start, end: node.end })
    }
    const named = NAMED[node.type]
    for (const [key, value] of Object.entries(node)) {
      const isNamed = named !== undefined && key === named.value
      for (const child of [value].flat().filter(isNode)) visit(child, isNamed ? textOf(node[named.name]) : '')
    }
  }
  visit(parser().parse(source, { ecmaVersion: 'latest' }), '')
  return found
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

// Nodes that give a function its name: the key of the name, and that of the function.
const NAMED: Readonly<Record<string, { readonly name: string; readonly value: string }>> = {
  VariableDeclarator: { name: 'id', value: 'init' },
  AssignmentExpression: { name: 'left', value: 'right' },
  Property: { name: 'key', value: 'value' },
  PropertyDefinition: { name: 'key', value: 'value' },
  MethodDefinition: { name: 'key', value: 'value' },
}

// Of an identifier, a string, or `a.b`.
function textOf(value: unknown): string {
  if (!isNode(value)) return ''
  if (value.type === 'MemberExpression') return textOf(value['property'])
  const { name, value: literal } = value
  return typeof name === 'string' ? name : typeof literal === 'string' ? literal : ''
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

function parser(): { readonly parse: (source: string, options: object) => Node } {
  const require = createRequire(import.meta.filename)
  return require('internal/deps/acorn/acorn/dist/acorn') as ReturnType<typeof parser>
}
