import t from 'tap'
import { wantsColour } from '../../../../src/cli/text/theme.ts'

t.test('colour is used only on a terminal, and not if it is switched off', async (t) => {
  t.equal(wantsColour(true, { TERM: 'xterm' }), true)
  t.equal(wantsColour(true, { TERM: 'xterm', NO_COLOR: '' }), true)
  t.equal(wantsColour(false, { TERM: 'xterm' }), false)
  t.equal(wantsColour(true, { TERM: 'xterm', NO_COLOR: '1' }), false)
  t.equal(wantsColour(true, { TERM: 'dumb' }), false)
})
