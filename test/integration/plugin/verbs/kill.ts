// Processes killed with SIGKILL in the middle of an ADD, and how the next calls deal with that.
import t from 'tap'
import { addressOf, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { makeHost } from '../../../fixtures/host/host.ts'
import { killedAdd } from '../../../fixtures/host/killed-add.ts'
import { pings } from '../../../fixtures/host/netns.ts'

const skip = whyNoHost()

// The middle of each of these equal parts of an ADD's run time.
function moments(wholeMs: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => (wholeMs * (index + 0.5)) / count)
}

t.test('an ADD killed at any moment leaves nothing after DEL, and a new ADD works', { skip }, async (t) => {
  const host = await makeHost(t)
  await host.add(await host.container())
  const before = await host.remains()
  const wholeMs = await killedAdd(host, await host.container(), undefined)
  for (const [index, afterMs] of moments(wholeMs, 25).entries()) {
    const container = await host.container()
    await killedAdd(host, container, afterMs)
    isSilent(t, await host.del(container), `DEL after moment ${String(index)}`)
    t.same(await host.remains(), before, 'DEL leaves nothing')
    await host.add(container)
    isSilent(t, await host.del(container), 'a new ADD and DEL')
  }
  t.same(await host.remains(), before, 'nothing is left')
})

t.test('an ADD killed at any moment can be repeated without DEL', { skip }, async (t) => {
  const host = await makeHost(t)
  await host.add(await host.container())
  const before = await host.remains()
  const wholeMs = await killedAdd(host, await host.container(), undefined)
  for (const afterMs of moments(wholeMs, 6)) {
    const [killed, fresh] = [await host.container(), await host.container()]
    await killedAdd(host, killed, afterMs)
    const result = await host.add(fresh, { containerID: killed.name })
    t.ok(await pings(fresh, '10.87.1.1'), addressOf(result))
    isSilent(t, await host.del(fresh, { containerID: killed.name }), 'DEL')
  }
  t.same(await host.remains(), before, 'nothing is left')
})
