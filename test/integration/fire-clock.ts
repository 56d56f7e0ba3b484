// Clocks that jump: a laptop that slept, a virtual machine that was resumed, a first contact with a time server. The
// plugin's own clock is another than that of the kernel that dates the files, as after a jump.
import { existsSync, mkdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Outcome } from '../../scripts/lab/run.ts'
import { compare, takePicture } from '../../scripts/soak/picture.ts'
import { addressOf, isRefused, isSilent, resultOf, whyNoHost } from '../fixtures/cni.ts'
import { makeHost, type TestHost } from '../fixtures/host.ts'
import type { Netns } from '../fixtures/netns.ts'

t.setTimeout(240_000)

const LIBRARY = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketime.so.1`
const skip = existsSync(LIBRARY) ? whyNoHost() : 'faketime is not installed'
const DAY = 86_400

// A call in whose eyes it is so many seconds later; timers run as always.
function callAt(host: TestHost, verb: 'ADD' | 'DEL', container: Netns, laterS: number): Promise<Outcome> {
  const settings = `FAKETIME=${laterS < 0 ? '' : '+'}${String(laterS)} FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1`
  return host.call(verb, container, { mounts: `export LD_PRELOAD=${LIBRARY} ${settings}` })
}

for (const [name, laterS] of [
  ['a month on', 30 * DAY],
  ['a month back', -30 * DAY],
] as const) {
  t.test(`a clock that jumps ${name} costs nobody an address`, { skip }, async (t) => {
    const host = await makeHost(t, { certificate: { subnets: ['10.87.1.0/28'] } })
    const [stays, comes] = [await host.container(), await host.container()]
    const address = addressOf(await host.add(stays))
    const before = await takePicture(host, [stays, comes])
    // As many times as there are addresses, so that one has to be given a second time.
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

t.test('a certificate is looked at with the clock as it is now', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  isRefused(t, await callAt(host, 'ADD', container, 50 * 365 * DAY), 106, /expired|not valid|valid until/)
  isRefused(t, await callAt(host, 'ADD', container, -40 * 365 * DAY), 106, /not yet|valid from/)
  t.same(await host.remains(), [], 'nothing is left')
  resultOf(await callAt(host, 'ADD', container, 0))
  isSilent(t, await callAt(host, 'DEL', container, 50 * 365 * DAY), 'DEL needs no certificate')
})

t.test('a lock from the future is waited out like any other', { skip: whyNoHost() }, async (t) => {
  // Its holder was killed, then the clock was set back by a day.
  const host = await makeHost(t)
  const lock = join(host.stateDir, 'lock')
  mkdirSync(lock, { recursive: true })
  const then = Date.now() / 1000 + DAY
  utimesSync(lock, then, then)
  const container = await host.container()
  await host.add(container)
  isSilent(t, await host.del(container), 'DEL')
})
