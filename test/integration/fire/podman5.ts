// kill -9 of podman 5, its netavark and our driver: a sample of what the soak does a hundred times.

import t from 'tap'
import { whyNoPodman5 } from '../../../scripts/lab/podman5/packages.ts'
import {
  endPodman5Victim,
  makePodman5Victim,
  podman5Kill,
  survivePodman5Kill,
} from '../../../scripts/soak/podman5.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'

const SEED = 20261130
const SAMPLE = 12

t.test('a container survives kills', { skip: whyNoHost() || whyNoPodman5('trixie') }, async (t) => {
  const victim = await makePodman5Victim(t)
  let killed = 0
  for (let index = 0; index < SAMPLE; index += 1) {
    const kill = podman5Kill(SEED, index)
    const survival = await survivePodman5Kill(victim, kill)
    if (survival.killed) killed += 1
    t.same(survival.faults, [], `${kill.program} during ${kill.verb}, after ${String(kill.afterMs)} ms`)
  }
  t.ok(killed > SAMPLE / 4, `${String(killed)} of ${String(SAMPLE)} were killed`)
  t.same(await endPodman5Victim(victim), [], 'and nothing is left after gc')
})
