// The black hole again with Nebula 1.9: that version already has everything that flatnet needs.
import t from 'tap'
import { addContainer } from '../../../scripts/bench/failover/container.ts'
import { serveFlows, startFlows } from '../../../scripts/bench/failover/flows.ts'
import { startAgent } from '../../../scripts/lab/host/agent.ts'
import { impair } from '../../../scripts/lab/network/impair.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import {
  historyOf,
  PATIENCE_MS,
  reasonsOfFall,
  SHORT_WAITS,
  waitForMeasured,
  waitForPath,
  writeSettings,
} from '../../fixtures/lab/agents.ts'

t.test('Nebula 1.9', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `tagentold${process.pid}`, podman: false, nebula: '1.9' })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')]
  for (const { files } of [a, b]) await writeSettings(files, { agent: SHORT_WAITS })
  await Promise.all([startAgent(a), startAgent(b)])
  const [from, to] = [await addContainer(a, 'flow-a'), await addContainer(b, 'flow-b')]
  const server = await serveFlows(to)
  await waitForMeasured(lab)

  const flows = startFlows(from, to.address)
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const begun = Date.now()
  const mend = await impair(b, { kind: 'black-hole' })
  await waitForPath(a, b, 'gateway')
  await mend()
  await waitForPath(a, b, 'direct')
  const { udp, tcp, http } = await flows.end()
  await server.stop()

  t.ok(udp.sent > 0)
  t.ok(tcp.isAlive)
  t.equal(tcp.received, tcp.sent)
  t.equal(http.failed, 0)
  await waitUntil('the reason in the history', PATIENCE_MS, async () => {
    const seen = [await historyOf(a, 'host-b', begun), await historyOf(b, 'host-a', begun)]
    return seen.flatMap(reasonsOfFall).includes('silence')
  })
})
