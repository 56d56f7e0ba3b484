// Foreign names on the operator's terminal.
import t from 'tap'
import { harmless, harmlessJson } from '../../../../src/cli/text/harmless.ts'
import { COLOURED } from '../../../../src/cli/text/theme.ts'

const ESC = String.fromCharCode(27)
const CSI = String.fromCharCode(0x9b)

t.test('no control character reaches the terminal', async (t) => {
  t.equal(harmless('a\nb\tc 東京'), 'a\nb\tc 東京')
  t.equal(harmless(`${ESC}]0;title${String.fromCharCode(7)}`), '\u{fffd}]0;title\u{fffd}')
  t.equal(harmless(`${ESC}[2J`), '\u{fffd}[2J')
  t.equal(harmless(`${CSI}31m`), '\u{fffd}31m')
  t.equal(harmless(`${CSI}[31m`), '\u{fffd}[31m')
  t.equal(harmless('\u202eevil'), '\u{fffd}evil')
  t.equal(harmless('a\rb'), 'a\u{fffd}b')
})

t.test('our own colours do', async (t) => {
  for (const paint of Object.values(COLOURED)) t.equal(harmless(paint('x')), paint('x'))
})

t.test('JSON escapes them', async (t) => {
  const name = `${ESC}[2J${CSI}31m\u202e東京\n`
  const json = harmlessJson(JSON.stringify({ name }, null, 2))
  t.notMatch(json, /(?!\n)[\p{Cc}\u202e]/u)
  t.same(JSON.parse(json), { name })
})
