import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { nativeExecutable } from '../../../../scripts/build/base.ts'
import { chooseUsual, USUAL } from '../../../../scripts/build/code-cache.ts'
import type { FunctionRange } from '../../../../scripts/build/functions.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const BUILD = join(ROOT, 'scripts/build/code-cache.ts')

const SOURCE = `(function (exports) {
function parseEnvironment(text){return text.split(',').map((each)=>each.trim())}
function seldom(){return [1].map(()=>2)}
const errnoCode=(error)=>error.code
class Lock{acquire(){return 1}holder(){return 2}}
exports.parts=()=>parseEnvironment('a')
})`

// The build's way: a process of its own.
function build(args: readonly string[], input = ''): string {
  const flags = ['--hash-seed=4280', '--predictable', '--expose-internals']
  return execFileSync(nativeExecutable(ROOT), [...flags, BUILD, ...args], { input, encoding: 'utf8' })
}

t.test('the usual functions of a script are found by their names', (t) => {
  const path = join(t.testdir({ 'plugin.js': SOURCE }), 'plugin.js')
  const chosen = JSON.parse(build(['list', path, USUAL['plugin.cache']])) as readonly FunctionRange[]
  const texts = chosen.map(({ start, end }) => SOURCE.slice(start, end))
  t.same(texts.toSorted(), [
    '(){return 1}',
    '(each)=>each.trim()',
    '(error)=>error.code',
    "function parseEnvironment(text){return text.split(',').map((each)=>each.trim())}",
  ])
  t.end()
})

t.test('a cache holds the chosen functions', (t) => {
  const folder = t.testdir({ 'plugin.js': SOURCE })
  const path = join(folder, 'plugin.js')
  const sizes = [build(['list', path, USUAL['plugin.cache']]), '[]'].map((list, index) => {
    const target = join(folder, `${index}.cache`)
    build(['write', path, target], list)
    const cachedData = readFileSync(target)
    build(['write', path, target], list)
    t.same(readFileSync(target), cachedData, 'it is the same in every build')
    return cachedData.length
  })
  t.ok((sizes[0] ?? 0) > (sizes[1] ?? 0) + 500, `${sizes.join(' and ')} bytes`)
  t.end()
})

t.test('a callback without a name goes with the function around it', (t) => {
  const range = (name: string, start: number, end: number): FunctionRange => ({ name, start, end })
  const functions = [
    range('', 0, 100),
    range('usual', 10, 40),
    range('', 20, 30),
    range('inner', 31, 39),
    range('', 33, 35),
    range('', 50, 60),
  ]
  t.same(
    chooseUsual(functions, new Set(['usual'])).map(({ start }) => start),
    [10, 20],
  )
  t.same(chooseUsual(functions, new Set()), [])
  t.end()
})
