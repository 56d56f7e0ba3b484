// Tables with aligned columns.
import t from 'tap'
import { drawTable } from '../../../../src/cli/text/grid.ts'
import { COLOURED, PLAIN } from '../../../../src/cli/text/theme.ts'

t.test('columns line up for characters of any width', async (t) => {
  const text = drawTable(
    PLAIN,
    ['NAME', 'ADDRESS'],
    [
      ['host-a', '10.86.1.1'],
      ['東京', '10.86.2.1'],
    ],
  )
  t.equal(text, 'NAME    ADDRESS\nhost-a  10.86.1.1\n東京    10.86.2.1\n')
})

t.test('colour takes no room', async (t) => {
  const text = drawTable(COLOURED, ['A', 'B'], [[COLOURED.bad('loss'), 'x']])
  const bare = text.replaceAll(/\p{Cc}\[\d+m/gu, '')
  t.equal(bare, 'A     B\nloss  x\n')
})

t.test('a cell is one line and harmless', async (t) => {
  t.equal(drawTable(PLAIN, ['A'], [['x\ny\u0007\u0001']]), 'A\nx y\u{fffd}\u{fffd}\n')
})

t.test('without rows only the head is printed', async (t) => {
  t.equal(drawTable(PLAIN, ['A', 'B'], []), 'A  B\n')
})
