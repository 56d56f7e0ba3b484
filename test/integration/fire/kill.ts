// Calls killed at chosen system calls; `npm run soak` tries all of them.
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { listPoints, spread } from '../../../scripts/soak/kill.ts'
import { makeVictim, surviveKill } from '../../../scripts/soak/survive.ts'
import { shareOut } from '../../../scripts/soak/workers.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'

const skip = spawnSync('strace', ['-V']).status === 0 ? whyNoHost() : 'strace is not installed'

// Node's own start makes this many calls of these kinds, before any of ours.
const START = 45

t.test(
  'an ADD or DEL killed at a system call leaves nothing that disturbs the next calls',
  { skip },
  async (t) => {
    const { host, killed } = await makeVictim(t)
    const adds = await listPoints(host, 'ADD', 'effects', killed)
    const deletes = await listPoints(host, 'DEL', 'effects', killed)
    const addChildren = await listPoints(host, 'ADD', 'children', killed)
    const deleteChildren = await listPoints(host, 'DEL', 'children', killed)
    const points = [
      ...spread(adds.slice(START), 36),
      ...spread(deletes.slice(START), 10),
      ...spread(addChildren, 10),
      ...spread(deleteChildren, 4),
    ]
    t.ok(points.length >= 60, `${String(points.length)} points`)
    const survivals = await shareOut([...points.entries()], 3, async () => {
      const victim = await makeVictim(t)
      return ([index, point]) => surviveKill(victim, point, index % 4 === 3)
    })
    const unharmed = survivals.filter(({ killed }) => !killed)
    // A run with a warm cache makes fewer calls than the listed one, so it does not reach the last points.
    t.ok(unharmed.length <= points.length / 8, `${String(unharmed.length)} were not hit`)
    t.same(
      survivals.flatMap(({ faults }) => faults),
      [],
      'everything is correct after each of them',
    )
  },
)
