// Disks that become full at any write, and files damaged in any way.
import t from 'tap'
import { makeDamagedHost, surviveDamage } from '../../../scripts/soak/damage.ts'
import { liveOn, makeTightHost } from '../../../scripts/soak/disk.ts'
import { shareOut } from '../../../scripts/soak/workers.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'

const skip = whyNoHost()

t.test(
  'an ADD that runs out of space leaves nothing, and DEL works with any amount of space',
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
      t.match(
        lives.map(({ added }) => added).join(' '),
        /^false .*true$/,
        'ADD fails at first and succeeds in the end',
      )
    }
  },
)

t.test('a damaged file costs no container its address and blocks no DEL', { skip }, async (t) => {
  const seed = Number(process.env['FAST_CHECK_SEED'] ?? 20261122)
  const seeds = Array.from({ length: 15 }, (_, index) => seed + index)
  const faults = await shareOut(seeds, 3, async () => {
    const host = await makeDamagedHost(t)
    return (each) => surviveDamage(host, each)
  })
  t.same(faults.flat(), [])
})
