// Disks that run full at any write, and files damaged in any way.
import t from 'tap'
import { makeDamagedHost, surviveDamage } from '../../scripts/soak/damage.ts'
import { liveOn, makeTightHost } from '../../scripts/soak/disk.ts'
import { shareOut } from '../../scripts/soak/workers.ts'
import { whyNoHost } from '../fixtures/cni.ts'

t.setTimeout(240_000)

const skip = whyNoHost()

t.test(
  'an ADD that runs out of space leaves nothing, a DEL needs none, however little there is',
  { skip },
  async (t) => {
    const tight = await makeTightHost(t)
    for (const what of ['blocks', 'inodes'] as const) {
      const lives = []
      for (const left of [0, 1, 2, 3, 4, 5, 8]) lives.push(await liveOn(tight, what, left))
      t.same(
        lives.flatMap(({ faults }) => faults),
        [],
        what,
      )
      t.match(lives.map(({ added }) => added).join(' '), /^false .*true$/, 'first too little, then enough')
    }
  },
)

t.test('a damaged file costs nobody an address and holds up no DEL', { skip }, async (t) => {
  const seed = Number(process.env['FAST_CHECK_SEED'] ?? 20261122)
  const seeds = Array.from({ length: 15 }, (_, index) => seed + index)
  const faults = await shareOut(seeds, 3, async () => {
    const host = await makeDamagedHost(t)
    return (each) => surviveDamage(host, each)
  })
  t.same(faults.flat(), [])
})
