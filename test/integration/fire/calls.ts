// Random and damaged calls of the built executable; `npm run soak` makes 20,000 of them.
import t from 'tap'
import { makeFuzzer } from '../../../scripts/soak/fuzz.ts'
import { shareOut } from '../../../scripts/soak/workers.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'

t.test(
  '600 random and damaged calls are answered in JSON, and those refused change nothing',
  { skip: whyNoHost() },
  async (t) => {
    const seed = Number(process.env['FAST_CHECK_SEED'] ?? 20261122)
    const parts = Array.from({ length: 6 }, (_, part) => seed + part)
    const found = await shareOut(parts, 3, async () => {
      const { fuzz } = await makeFuzzer(t)
      return (each) => fuzz(each, 100)
    })
    t.same(
      found.flatMap(({ faults }) => faults),
      [],
    )
    const succeeded = found.reduce((sum, each) => sum + each.succeeded, 0)
    t.ok(succeeded > 5 && succeeded < 300, `${String(succeeded)} of them are ADDs that succeed`)
  },
)
