import t from 'tap'
import { wantsColour } from '../../../src/cli/theme.ts'

t.test('colour goes to a terminal only, and not where somebody said no', async (t) => {
  t.equal(wantsColour(true, { TERM: 'xterm' }), true)
  t.equal(wantsColour(true, { TERM: 'xterm', NO_COLOR: '' }), true)
  t.equal(wantsColour(false, { TERM: 'xterm' }), false)
  t.equal(wantsColour(true, { TERM: 'xterm', NO_COLOR: '1' }), false)
  t.equal(wantsColour(true, { TERM: 'dumb' }), false)
})
