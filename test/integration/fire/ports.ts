// A bridge with as many ports as the kernel allows: 1,023.
import t from 'tap'
import { addressOf, isRefused, isSilent, whyNoHost } from '../../fixtures/host/cni.ts'
import { makeHost, type TestHost } from '../../fixtures/host/host.ts'
import { pings } from '../../fixtures/host/netns.ts'

const WARNING = /bridge is nearly full/

// Ports `from` to `to` are links named like those of containers; neither the kernel nor flatnet can tell them
// apart.
async function fill(host: TestHost, from: number, to: number): Promise<void> {
  const names = Array.from({ length: to - from + 1 }, (_, index) => portName(from + index))
  await host.netns.batch(names.map((name) => `tuntap add dev ${name} mode tap`))
  await host.netns.batch(names.map((name) => `link set dev ${name} master flatnet0`))
}

function portName(number: number): string {
  return `veth${number.toString(16).padStart(11, '0')}`
}

t.test(
  'the 1,000th port causes a warning, the 1,024th is refused with the reason',
  { skip: whyNoHost() },
  async (t) => {
    const host = await makeHost(t, { certificate: { subnets: ['10.87.8.0/21'] } })
    const [first, thousandth, last, tooMany] = [
      await host.container(),
      await host.container(),
      await host.container(),
      await host.container(),
    ] as const
    await host.add(first)
    await fill(host, 1, 998)
    const warned = await host.call('ADD', thousandth)
    t.match(warned.stderr, WARNING, 'the 1,000th')
    t.match(warned.stderr, /"dev":"flatnet0","error":"1000 of 1023 ports are in use; /)
    await fill(host, 999, 1_020)
    t.equal((await host.call('ADD', last)).exitCode, 0, 'the 1,023rd fits')
    t.ok(await pings(last, '10.87.8.1'))

    const before = await host.remains()
    isRefused(t, await host.call('ADD', tooMany), 101, /bridge is full: flatnet0 has 1023 ports, the most/)
    t.same(await host.remains(), before, 'nothing is left of it')
    isSilent(t, await host.del(tooMany), 'DEL of the one refused')
    isSilent(t, await host.del(last), 'DEL of another')
    const outcome = await host.call('ADD', tooMany)
    t.equal(outcome.exitCode, 0, `then it fits: ${outcome.stdout}`)
  },
)

t.test('ports are not mentioned while there are few', { skip: whyNoHost() }, async (t) => {
  const host = await makeHost(t, { certificate: { subnets: ['10.87.8.0/21'] } })
  const container = await host.container()
  const outcome = await host.call('ADD', container)
  t.equal(outcome.exitCode, 0)
  t.equal(outcome.stderr, '')
  t.equal(addressOf(JSON.parse(outcome.stdout)), '10.87.8.10')
})
