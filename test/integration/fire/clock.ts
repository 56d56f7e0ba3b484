// Clocks that jump: a laptop that slept, a resumed virtual machine, the first answer of a time server. As
// after a jump, the plugin's clock differs from the kernel's, which dates the files.
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import type { Outcome } from '../../../scripts/lab/run.ts'
import { compare, takePicture } from '../../../scripts/soak/picture.ts'
import { ownMark } from '../../../src/state/lock/process-mark.ts'
import { addressOf, isRefused, isSilent, resultOf, whyNoHost } from '../../fixtures/host/cni.ts'
import { makeHost, type TestHost } from '../../fixtures/host/host.ts'
import type { Netns } from '../../fixtures/host/netns.ts'

const MACHINE = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
const LIBRARY = `/usr/lib/${MACHINE}-linux-gnu/faketime/libfaketime.so.1`
const skip = existsSync(LIBRARY) ? whyNoHost() : 'faketime is not installed'
const DAY = 86_400

// Runs a call whose clock is this many seconds ahead; timers run as usual.
function callAt(host: TestHost, verb: 'ADD' | 'DEL', container: Netns, laterS: number): Promise<Outcome> {
  return host.call(verb, container, at(laterS))
}

function at(laterS: number): { readonly mounts: string } {
  const time = `${laterS < 0 ? '' : '+'}${String(laterS)}`
  const settings = `FAKETIME=${time} FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1`
  return { mounts: `export LD_PRELOAD=${LIBRARY} ${settings}` }
}

for (const [name, laterS] of [
  ['a month forward', 30 * DAY],
  ['a month back', -30 * DAY],
] as const) {
  t.test(`a clock that jumps ${name} costs no container its address`, { skip }, async (t) => {
    const host = await makeHost(t, { certificate: { subnets: ['10.87.1.0/28'] } })
    const [stays, comes] = [await host.container(), await host.container()]
    const address = addressOf(await host.add(stays))
    const before = await takePicture(host, [stays, comes])
    // As often as there are addresses, so that one must be assigned a second time.
    for (let round = 0; round < 13; round++) {
      const laterAt = round % 2 === 0 ? laterS : 0
      const result = resultOf(await callAt(host, 'ADD', comes, laterAt))
      t.not(addressOf(result), address, `round ${String(round)}`)
      isSilent(t, await callAt(host, 'DEL', comes, laterS - laterAt), 'DEL')
    }
    t.same(compare(before, await takePicture(host, [stays, comes])), [], 'nothing is left')
    isSilent(t, await callAt(host, 'DEL', stays, laterS), 'DEL of the first')
    t.same(await host.remains(), [])
  })
}

for (const [name, laterS] of [
  ['forward', DAY],
  ['back', -DAY],
] as const) {
  t.test(`a clock set ${name} by a day does not make a new container old`, { skip }, async (t) => {
    const host = await makeHost(t)
    // Nothing runs in it yet, and the runtime does not list it yet.
    const container = await host.container()
    const before = addressOf(await host.add(container))
    isSilent(t, await host.ask('GC', {}, at(laterS)), 'GC')
    t.ok((await host.remains()).includes(before), 'it keeps its address')
    isSilent(t, await host.del(container), 'DEL')
  })
}

t.test('a certificate is judged by the present clock', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  isRefused(t, await callAt(host, 'ADD', container, 50 * 365 * DAY), 106, /expired|not valid|valid until/)
  isRefused(t, await callAt(host, 'ADD', container, -40 * 365 * DAY), 106, /not yet|valid from/)
  t.same(await host.remains(), [], 'nothing is left')
  resultOf(await callAt(host, 'ADD', container, 0))
  isSilent(t, await callAt(host, 'DEL', container, 50 * 365 * DAY), 'DEL needs no certificate')
})

t.test("a dead holder's lock from the future is taken like any other", { skip: whyNoHost() }, async (t) => {
  // Its holder was killed, then the clock was set back by a day.
  const host = await makeHost(t)
  const [, ...others] = ownMark().split('-')
  const entry = join(host.stateDir, 'lock', ['4194304', ...others, '1'].join('-'))
  mkdirSync(dirname(entry), { recursive: true })
  writeFileSync(entry, '')
  const then = Date.now() / 1000 + DAY
  utimesSync(entry, then, then)
  const container = await host.container()
  await host.add(container)
  isSilent(t, await host.del(container), 'DEL')
})
