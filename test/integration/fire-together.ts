// Two hundred containers at once against one pool of 245 addresses.
import t from 'tap'
import { comeAndGo, makeCrowd } from '../../scripts/soak/together.ts'
import { whyNoHost } from '../fixtures/cni.ts'

t.setTimeout(240_000)

t.test('200 ADDs at once and then 200 DELs at once all succeed', { skip: whyNoHost() }, async (t) => {
  t.same(await comeAndGo(await makeCrowd(t, 200), false), [], 'no address is given twice and nothing is left')
})
