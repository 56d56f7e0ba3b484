import { randomBytes } from 'node:crypto'
import t from 'tap'
import { CODE_BYTES, codeWords, readCode } from '../../../../src/provision/bundle/code.ts'

const SECRET = Buffer.from('7f000001ffff0000123456789abcdef0', 'hex')

t.test('words as in the paper, and back however they are typed', async (t) => {
  const words = codeWords(SECRET)
  // 127.0.0.1 is the paper's own example.
  t.match(words, /^lusab-babad-zvz?|^lusab-babad-/)
  t.equal(words.split('-').length, 9)
  for (const typed of [
    words,
    words.toUpperCase(),
    words.replaceAll('-', ' '),
    ` ${words.replaceAll('-', ', ')}\r\n`,
  ])
    t.same(readCode(typed), SECRET)
  for (let round = 0; round < 200; round += 1) {
    const secret = randomBytes(CODE_BYTES)
    t.ok(readCode(codeWords(secret)).equals(secret))
  }
})

t.test('a typing error is named without the code', async (t) => {
  const words = codeWords(SECRET).split('-')
  const cases: readonly (readonly [typed: string, says: RegExp])[] = [
    ['', /it has 0 words, a code has 9/],
    [words.slice(1).join('-'), /it has 8 words/],
    [['lusax', ...words.slice(1)].join('-'), /word 1 is none/],
    [['babad', ...words.slice(1)].join('-'), /its last word does not fit/],
  ]
  for (const [typed, says] of cases) {
    const error = t.throws(() => readCode(typed), { message: 'code mistyped', details: says })
    t.notMatch(JSON.stringify(error), words[3] ?? '')
  }
})
