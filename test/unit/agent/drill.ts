import t from 'tap'

import { parseDrillRequest } from '../../../src/agent/drill.ts'
import { CniError } from '../../../src/cni/error.ts'

t.test('a drill needs a peer and a bounded time', (t) => {
  t.same(parseDrillRequest({ peer: 'host-b', forMs: 10_000, more: 1 }), { peer: 'host-b', forMs: 10_000 })
  for (const forMs of [1000, 300_000]) t.equal(parseDrillRequest({ peer: 'b', forMs }).forMs, forMs)
  const refused: readonly (readonly [body: unknown, names: string])[] = [
    [undefined, 'peer'],
    [null, 'peer'],
    ['host-b', 'peer'],
    [[], 'peer'],
    [{ forMs: 5000 }, 'peer'],
    [{ peer: 2, forMs: 5000 }, 'peer'],
    [{ peer: 'b' }, 'forMs'],
    [{ peer: 'b', forMs: '5000' }, 'forMs'],
    [{ peer: 'b', forMs: 999 }, 'forMs'],
    [{ peer: 'b', forMs: 300_001 }, 'forMs'],
    [{ peer: 'b', forMs: 1000.5 }, 'forMs'],
    [{ peer: 'b', forMs: NaN }, 'forMs'],
  ]
  for (const [body, names] of refused) {
    const caught = t.throws(() => parseDrillRequest(body), CniError, JSON.stringify(body))
    t.match(caught, { message: 'drill not understood', details: new RegExp(`^${names}: `) })
  }
  t.end()
})
