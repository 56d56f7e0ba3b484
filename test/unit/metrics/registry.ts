import t from 'tap'
import { parseExposition } from '../../fixtures/metrics/exposition.ts'
import { showPhase } from '../../../src/metrics/phase.ts'
import { count, createRegistry, forget, observe, series, set } from '../../../src/metrics/registry.ts'
import { render } from '../../../src/metrics/render.ts'

t.test('a fresh agent shows its totals at 0 and no peer', (t) => {
  const { samples, types } = parseExposition(render(createRegistry()))
  t.equal(samples.get('flatnet_gc_runs_total{}'), 0)
  t.equal(samples.get('flatnet_agent_stalls_total{}'), 0)
  t.equal(types.get('flatnet_gc_runs_total'), 'counter')
  t.notOk(types.has('flatnet_path_state'))
  t.end()
})

t.test('counters count, gauges are set, and each keeps to its own labels', (t) => {
  const registry = createRegistry()
  const sent = series(registry, 'flatnet_probe_sent_total', { peer: 'b', lane: 'p2p' })
  count(sent)
  count(sent, 2)
  count(series(registry, 'flatnet_probe_sent_total', { peer: 'b', lane: 'gateway' }))
  set(series(registry, 'flatnet_leases', {}), 7)
  const { samples } = parseExposition(render(registry))
  t.equal(samples.get('flatnet_probe_sent_total{lane="p2p",peer="b"}'), 3)
  t.equal(samples.get('flatnet_probe_sent_total{lane="gateway",peer="b"}'), 1)
  t.equal(samples.get('flatnet_leases{}'), 7)
  t.equal(series(registry, 'flatnet_probe_sent_total', { lane: 'p2p', peer: 'b' }), sent)
  t.end()
})

t.test('a histogram counts each observation in its bucket and all larger ones', (t) => {
  const registry = createRegistry()
  const rtt = series(registry, 'flatnet_probe_rtt_seconds', { peer: 'b', lane: 'tunnel' })
  for (const seconds of [0.0004, 0.0005, 0.0006, 0.3, 60]) observe(rtt, seconds)
  const { samples } = parseExposition(render(registry))
  const bucket = (le: string) =>
    samples.get(`flatnet_probe_rtt_seconds_bucket{lane="tunnel",le="${le}",peer="b"}`)
  t.equal(bucket('0.0005'), 2, 'the bound is part of its bucket')
  t.equal(bucket('0.001'), 3)
  t.equal(bucket('0.25'), 3)
  t.equal(bucket('0.5'), 4)
  t.equal(bucket('2.5'), 4)
  t.equal(bucket('+Inf'), 5)
  t.equal(samples.get('flatnet_probe_rtt_seconds_count{lane="tunnel",peer="b"}'), 5)
  const sum = samples.get('flatnet_probe_rtt_seconds_sum{lane="tunnel",peer="b"}') ?? 0
  t.ok(Math.abs(sum - 60.3015) < 1e-9)
  t.end()
})

t.test('a peer is in one of the four phases', (t) => {
  const registry = createRegistry()
  const states = () =>
    [...parseExposition(render(registry)).samples].filter(([key]) => key.startsWith('flatnet_path_state'))
  showPhase(registry, 'b', 'P2P_ATTEMPTING')
  showPhase(registry, 'b', 'P2P_ACTIVE')
  t.equal(states().length, 4)
  t.same(
    states().filter(([, value]) => value === 1),
    [['flatnet_path_state{peer="b",state="P2P_ACTIVE"}', 1]],
  )
  t.end()
})

t.test('a peer that left is gone completely, and the others stay', (t) => {
  const registry = createRegistry()
  for (const peer of ['b', 'c']) {
    showPhase(registry, peer, 'P2P_ACTIVE')
    count(series(registry, 'flatnet_path_transitions_total', { peer, to: 'P2P_ACTIVE', reason: 'recovered' }))
  }
  forget(registry, 'peer', 'b')
  const text = render(registry)
  t.notMatch(text, 'peer="b"')
  t.equal(text.match(/peer="c"/g)?.length, 5)
  t.end()
})
