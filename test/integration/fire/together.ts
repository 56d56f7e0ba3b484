// Two hundred containers at the same time on a pool of 245 addresses.
import t from 'tap'
import { comeAndGo, makeCrowd } from '../../../scripts/soak/together.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'

t.test('200 simultaneous ADDs and then 200 simultaneous DELs succeed', { skip: whyNoHost() }, async (t) => {
  t.same(
    await comeAndGo(await makeCrowd(t, 200), false),
    [],
    'no address is assigned twice, and nothing is left',
  )
})
