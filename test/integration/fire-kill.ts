// Calls that are killed at chosen system calls; `npm run soak` takes all of them.
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { countCalls, type KillPoint, type Target } from '../../scripts/soak/kill.ts'
import { makeVictim, surviveKill } from '../../scripts/soak/survive.ts'
import { shareOut } from '../../scripts/soak/workers.ts'
import { whyNoHost } from '../fixtures/cni.ts'

t.setTimeout(240_000)

const skip = spawnSync('strace', ['-V']).status === 0 ? whyNoHost() : 'strace is not installed'

// So many points spread evenly over what comes after the process has started.
function spread(
  verb: 'ADD' | 'DEL',
  target: Target,
  calls: number,
  from: number,
  count: number,
): readonly KillPoint[] {
  const step = (calls - from) / count
  return Array.from({ length: count }, (_, index) => ({
    verb,
    target,
    nth: from + Math.round(step * (index + 0.5)),
  }))
}

// Node's own start makes so many calls of these kinds, and nothing of them is ours.
const START = 45

t.test(
  'an ADD or DEL killed at a system call leaves nothing that the next calls mind',
  { skip },
  async (t) => {
    const { host, killed } = await makeVictim(t)
    const adds = await countCalls(host, 'ADD', 'own', killed)
    const deletes = await countCalls(host, 'DEL', 'own', killed)
    const points = [
      ...spread('ADD', 'own', adds, START, 36),
      ...spread('DEL', 'own', deletes, START, 12),
      ...spread('ADD', 'child', 26, 0, 10),
      ...spread('DEL', 'child', 8, 0, 4),
    ]
    t.equal(points.length, 62)
    const survivals = await shareOut([...points.entries()], 3, async () => {
      const victim = await makeVictim(t)
      return ([index, point]) => surviveKill(victim, point, index % 4 === 3)
    })
    t.ok(survivals.filter(({ killed }) => killed).length >= 60, 'they are killed indeed')
    t.same(
      survivals.flatMap(({ faults }) => faults),
      [],
      'everything is as it should be after each of them',
    )
  },
)
