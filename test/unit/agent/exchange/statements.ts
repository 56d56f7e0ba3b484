import { request } from 'node:http'
import t from 'tap'

import { heldStatements, takeStatement } from '../../../../src/host/identity/statements.ts'
import { MOST_STATEMENT_BYTES } from '../../../../src/provision/statement/envelope.ts'
import { P256, POOL, revocation } from '../../../fixtures/office/statements.ts'
import { freePort, startAgent, type TestAgent } from './fixtures/hosts.ts'

const LIGHTHOUSE = ['127.86.1.1']
const [OLDER, NEWER] = [revocation({ sequence: 1 }), revocation({ sequence: 2, revoked: [] })]

function sequenceOf({ dataDir }: TestAgent): number | undefined {
  const [held] = heldStatements({ dataDir }, POOL).bySlot.values()
  return held?.statement.sequence
}

async function give(agent: TestAgent, { text }: typeof OLDER): Promise<void> {
  await takeStatement({ dataDir: agent.dataDir }, POOL, text, 'test')
  agent.look()
}

function post(agent: TestAgent, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asking = request({
      host: agent.overlay,
      port: agent.port,
      path: '/v1/statements',
      method: 'POST',
      agent: false,
    })
    asking.on('error', reject)
    asking.on('response', (response) => resolve(response.resume().statusCode ?? 0))
    asking.end(body)
  })
}

t.test(
  'a statement reaches every host, also one that was away, and an older one never replaces it',
  async (t) => {
    const port = await freePort()
    const lighthouse = await startAgent(t, 1, port, { facts: { subnets: [] } })
    const b = await startAgent(t, 2, port, { lighthouses: LIGHTHOUSE })
    await b.exchange.roundNow()
    await give(b, OLDER)
    await b.exchange.spread()
    t.equal(sequenceOf(lighthouse), 1, 'the host that got it passes it on immediately')
    const c = await startAgent(t, 3, port, { lighthouses: LIGHTHOUSE })
    await c.exchange.roundNow()
    t.equal(sequenceOf(c), 1, 'a newcomer takes it with the list')

    await give(c, NEWER)
    await c.exchange.roundNow()
    t.equal(sequenceOf(lighthouse), 2, 'the lighthouse that lacks it is given it')
    await b.exchange.roundNow()
    t.equal(sequenceOf(b), 2)
    const late = await startAgent(t, 4, port, { lighthouses: LIGHTHOUSE })
    await give(late, OLDER)
    await late.exchange.roundNow()
    t.same([lighthouse, b, c, late].map(sequenceOf), [2, 2, 2, 2])

    await c.exchange.roundNow()
    const before = c.onLink()
    await c.exchange.roundNow()
    t.equal(c.onLink() - before, 12, 'what everyone has is not sent again')
    t.same(
      [lighthouse, b, c, late].flatMap((agent) => agent.whys()),
      [],
    )
  },
)

t.test('what is not a newer statement of a known CA is refused', async (t) => {
  const agent = await startAgent(t, 1, await freePort())
  t.equal(await post(agent, NEWER.text), 204)
  t.equal(await post(agent, NEWER.text), 204, 'known')
  t.equal(await post(agent, OLDER.text), 409)
  t.equal(await post(agent, revocation({}, P256).text), 400)
  t.equal(await post(agent, OLDER.text.replace('host-b', 'host-x')), 400)
  t.equal(await post(agent, ''), 400)
  t.equal(await post(agent, 'x'.repeat(MOST_STATEMENT_BYTES + 1)), 413)
  t.equal(sequenceOf(agent), 2)
  t.same(agent.whys(), ['foreign-ca', 'forged', 'unreadable'])
  t.ok(agent.logged.some(({ msg }) => msg === 'statement refused'))
})
