// Many calls at the same time, and the lock between them.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ownMark } from '../../../../src/state/lock/process-mark.ts'
import { addressOf, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { makeHost } from '../../../fixtures/host/host.ts'
import { pings, show } from '../../../fixtures/host/netns.ts'

const skip = whyNoHost()

t.test('twenty containers at once', { skip }, async (t) => {
  const host = await makeHost(t)
  const containers = await Promise.all(Array.from({ length: 20 }, () => host.container()))
  // Bridge, routes and rules do not exist yet, so the twenty calls create these at the same time, too.
  const results = await Promise.all(containers.map((container) => host.add(container)))
  t.equal(new Set(results.map((result) => addressOf(result))).size, 20, 'all addresses differ')
  const [first, last] = [containers[0], results[19]]
  t.ok(first && last && (await pings(first, addressOf(last))), 'the first reaches the last')
  const outcomes = await Promise.all(containers.map((container) => host.del(container)))
  for (const outcome of outcomes) isSilent(t, outcome, 'DEL')
  t.same(await host.remains(), [], 'nothing is left')
})

t.test('ten at once agree on the routes when peers come and go', { skip }, async (t) => {
  const host = await makeHost(t)
  const destinations = async (): Promise<readonly string[]> => {
    const routes = await show<{ dst: string }>(host.netns, ['route', 'show', 'proto', '77'])
    return [...new Set(routes.map(({ dst }) => dst))].toSorted()
  }
  const addTen = (): Promise<unknown> =>
    Promise.all(Array.from({ length: 10 }, async () => host.add(await host.container())))
  const numbers = Array.from({ length: 20 }, (_, index) => String(100 + index))
  for (const n of numbers)
    host.addPeer({ name: `peer-${n}`, overlay: [`10.86.${n}.1/16`], subnets: [`10.87.${n}.0/24`] })
  await addTen()
  const always = ['10.87.0.0/16', '10.87.2.0/24']
  t.same(await destinations(), [...always, ...numbers.map((n) => `10.87.${n}.0/24`)].toSorted())
  for (const n of numbers) rmSync(join(host.peers, `peer-${n}.crt`))
  await addTen()
  t.same(await destinations(), always)
})

t.test('two simultaneous ADDs of one attachment create it once', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const outcomes = await Promise.all([host.call('ADD', container), host.call('ADD', container)])
  const [made, refused] = outcomes.toSorted((a, b) => a.exitCode - b.exitCode)
  t.equal(made?.exitCode, 0, 'one succeeds')
  t.equal(refused?.exitCode, 1)
  // Which of the two depends on the progress of the first.
  t.match(refused?.stdout, /"code":(11|105),/)
  t.equal((await host.remains()).length, 3, 'one link, one lease, one record')
  t.ok(await pings(container, '10.87.1.1'))
  const deletions = await Promise.all([host.del(container), host.del(container)])
  for (const outcome of deletions) isSilent(t, outcome, 'two simultaneous DELs')
  t.same(await host.remains(), [])
})

t.test('containers are added and deleted at the same time', { skip }, async (t) => {
  const host = await makeHost(t, { certificate: { subnets: ['10.87.1.0/27'] } })
  const rounds = async (): Promise<void> => {
    for (let round = 0; round < 3; round++) {
      const container = await host.container()
      const result = await host.add(container)
      isSilent(t, await host.call('CHECK', container, { conf: { prevResult: result } }), addressOf(result))
      isSilent(t, await host.del(container), 'DEL')
    }
  }
  await Promise.all(Array.from({ length: 6 }, rounds))
  t.same(await host.remains(), [], 'nothing is left')
})

t.test('the lock of a killed process delays no call', { skip }, async (t) => {
  const host = await makeHost(t)
  const lock = join(host.stateDir, 'lock')
  const [, ...others] = ownMark().split('-')
  const leave = (): void => {
    mkdirSync(lock, { recursive: true })
    writeFileSync(join(lock, ['4194304', ...others, '1'].join('-')), '')
  }
  const container = await host.container()
  leave()
  await host.add(container)
  t.match(await show(container, ['link', 'show', 'dev', 'eth0']), [{ ifname: 'eth0' }])
  leave()
  isSilent(t, await host.del(container), 'DEL')
  t.same(await host.remains(), [])
})
