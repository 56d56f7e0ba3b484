import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { freePort, pemOf, startAgent } from './fixtures/hosts.ts'

const LIGHTHOUSE = ['127.86.1.1']

t.test('hosts that know only a lighthouse learn of all others', async (t) => {
  const port = await freePort()
  const lighthouse = await startAgent(t, 1, port, { facts: { subnets: [] } })
  const b = await startAgent(t, 2, port, { lighthouses: LIGHTHOUSE })
  await b.exchange.roundNow()
  t.same(lighthouse.known(), ['host-2'], 'announced')
  t.same(b.known(), ['host-1'])
  const c = await startAgent(t, 3, port, { lighthouses: LIGHTHOUSE })
  await c.exchange.roundNow()
  t.same(c.known(), ['host-1', 'host-2'])
  await b.exchange.roundNow()
  t.same(b.known(), ['host-1', 'host-3'], 'the newcomer is known one round later')
  t.equal(readdirSync(join(b.dataDir, 'peers')).length, 2)
  const before = b.onLink()
  await b.exchange.roundNow()
  t.same(b.counts.filter(({ kind }) => kind === 'pull').at(-1), { kind: 'pull', result: 'unchanged' })
  t.equal(b.onLink() - before, 12, 'none of it counts as container traffic')
  t.same(
    [lighthouse, b, c].flatMap((agent) => agent.whys()),
    [],
  )
  t.same(
    new Set(b.clocks.map(({ host }) => host)),
    new Set(LIGHTHOUSE),
    'an unchanged list also carries a clock reading',
  )
  t.ok(b.clocks.length >= 3 && b.clocks.every(({ aheadMs }) => Math.abs(aheadMs) < 2500))
  const announced = b.counts.filter(({ kind }) => kind === 'announce')
  t.same(announced, [{ kind: 'announce', result: 'taken' }], 'once is enough')
  t.end()
})

t.test('without a lighthouse a peer of the folder is asked, and learns our certificate', async (t) => {
  const port = await freePort()
  const a = await startAgent(t, 1, port)
  const b = await startAgent(t, 2, port, { given: [a.pem], lighthouses: ['127.86.99.1'] })
  await b.exchange.roundNow()
  t.same(a.known(), ['host-2'])
  t.same(b.counts[0], { kind: 'pull', result: 'failed' }, 'the lighthouse is down')
  t.match(b.exchange.learning(), {
    lighthouses: ['127.86.99.1'],
    isLighthouse: false,
    answered: ['127.86.1.1'],
    silent: [{ overlay: '127.86.99.1', reason: /ECONNREFUSED/ }],
  })
  t.end()
})

t.test('a renewed certificate spreads and replaces the older one', async (t) => {
  const port = await freePort()
  const lighthouse = await startAgent(t, 1, port)
  const b = await startAgent(t, 2, port, { lighthouses: LIGHTHOUSE })
  await b.exchange.roundNow()
  const renewed = b.renew({ notBefore: Date.UTC(2022, 0, 1) / 1000 })
  await b.exchange.roundNow()
  await lighthouse.exchange.roundNow()
  const [certificate] = parseCertificates(renewed, 'test')
  t.same(readdirSync(join(lighthouse.dataDir, 'peers')), [`${certificate?.fingerprint ?? ''}.crt`])
  t.same(lighthouse.known(), ['host-2'])
  t.end()
})

t.test('a blocklisted host is forgotten and not learnt again', async (t) => {
  const port = await freePort()
  const lighthouse = await startAgent(t, 1, port)
  const b = await startAgent(t, 2, port, { lighthouses: LIGHTHOUSE })
  const c = await startAgent(t, 3, port, { lighthouses: LIGHTHOUSE })
  await b.exchange.roundNow()
  await c.exchange.roundNow()
  await c.exchange.roundNow()
  t.same(c.known(), ['host-1', 'host-2'])
  const [certificate] = parseCertificates(b.pem, 'test')
  c.block(certificate?.fingerprint ?? '')
  await c.exchange.roundNow()
  t.same(c.known(), ['host-1'])
  t.ok(c.whys().includes('blocklisted'), 'it is offered by the lighthouse, refused and counted')
  t.equal(c.logged.filter(({ why }) => why === 'blocklisted').length, 1)
  t.same(readdirSync(join(c.dataDir, 'peers')).length, 1)
  t.same(lighthouse.known(), ['host-2', 'host-3'], 'other hosts have their own lists')
  t.end()
})

t.test('of two hosts with one subnet all refuse the newer one, and both know why', async (t) => {
  const port = await freePort()
  const lighthouse = await startAgent(t, 1, port)
  const elder = await startAgent(t, 2, port, { lighthouses: LIGHTHOUSE })
  await elder.exchange.roundNow()
  const liar = await startAgent(t, 3, port, { lighthouses: LIGHTHOUSE, facts: { subnets: ['10.87.2.0/25'] } })
  await liar.exchange.roundNow()
  await elder.exchange.roundNow()
  t.same(lighthouse.refused(), ['host-3'])
  t.same(elder.refused(), ['host-3'])
  t.same(liar.refused(), ['host-2'])
  t.same([lighthouse.whys(), elder.whys(), liar.whys()], [['overlap'], ['overlap'], ['overlap']])
  t.match(lighthouse.logged, [{ msg: 'certificate refused', error: /issued first/ }])
  t.end()
})

t.test('an older certificate of a host is not learnt beside its latest one, which has expired', async (t) => {
  const port = await freePort()
  const brief = { notBefore: Date.UTC(2025, 0, 1) / 1000, notAfter: Date.UTC(2025, 0, 2) / 1000 }
  await startAgent(t, 1, port, { facts: { subnets: [] }, given: [pemOf(2)] })
  const c = await startAgent(t, 3, port, { lighthouses: LIGHTHOUSE, given: [pemOf(2, brief)] })
  await c.exchange.roundNow()
  t.same(c.known(), ['host-1'])
  t.equal(readdirSync(join(c.dataDir, 'peers')).length, 1)
})

t.test('a refused certificate is learnt once the reason is gone, even from an unchanged list', async (t) => {
  const port = await freePort()
  let clock = Date.now()
  await startAgent(t, 1, port, { facts: { subnets: [] } })
  const b = await startAgent(t, 2, port, { lighthouses: LIGHTHOUSE })
  await b.exchange.roundNow()
  const c = await startAgent(t, 3, port, { lighthouses: LIGHTHOUSE, nowMs: () => clock })
  const [certificate] = parseCertificates(b.pem, 'test')
  c.block(certificate?.fingerprint ?? '')
  await c.exchange.roundNow()
  await c.exchange.roundNow()
  t.same(c.known(), ['host-1'])
  c.unblock()
  await c.exchange.roundNow()
  t.same(c.known(), ['host-1', 'host-2'], 'the blocklist has changed')

  clock = Date.UTC(2060, 0, 1)
  const early = await startAgent(t, 5, port, { lighthouses: LIGHTHOUSE, nowMs: () => clock })
  await early.exchange.roundNow()
  t.same(early.known(), [], 'the clock was ahead')
  t.ok(early.whys().includes('expired'))
  clock = Date.now()
  await early.exchange.roundNow()
  t.same(early.known(), ['host-1', 'host-2', 'host-3'], 'the clock was corrected')

  clock = Date.UTC(2021, 0, 1) - 1000
  const late = await startAgent(t, 4, port, { lighthouses: LIGHTHOUSE, nowMs: () => clock })
  await late.exchange.roundNow()
  await late.exchange.roundNow()
  t.same(late.known(), [], 'the clock was behind')
  t.ok(late.whys().includes('not-yet-valid'))
  clock = Date.now()
  await late.exchange.roundNow()
  t.same(late.known(), ['host-1', 'host-2', 'host-3', 'host-5'])
  await late.exchange.roundNow()
  t.same(late.counts.filter(({ kind }) => kind === 'pull').at(-1), { kind: 'pull', result: 'unchanged' })
})
