import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openStore } from '../../../../src/state/addresses/store.ts'
import { add } from '../../../fixtures/state/attachments.ts'

// the fate of the cache of free addresses
const lies: [string, (path: string) => void][] = [
  ['is lost', (path) => rmSync(path)],
  ['is empty', (path) => writeFileSync(path, '')],
  ['is not JSON', (path) => writeFileSync(path, '{')],
  ['has another size', (path) => writeFileSync(path, '{"version":1,"cursor":10,"taken":""}')],
  [
    'says all are free',
    (path) => writeFileSync(path, `{"version":1,"cursor":3,"taken":"${'A'.repeat(43)}="}`),
  ],
  [
    'says all are taken',
    (path) => writeFileSync(path, `{"version":1,"cursor":3,"taken":"${'/'.repeat(43)}="}`),
  ],
  [
    'says the range is full',
    (path) => writeFileSync(path, `{"version":1,"cursor":3,"full":true,"taken":"${'/'.repeat(43)}="}`),
  ],
  [
    'points nowhere',
    (path) => writeFileSync(path, `{"version":1,"cursor":-99,"taken":"${'A'.repeat(43)}="}`),
  ],
]
for (const [name, lie] of lies) {
  t.test(`when the cache of free addresses ${name}, the lease files decide`, async (t) => {
    const dir = t.testdir()
    const store = openStore(dir)
    for (let i = 0; i < 12; i++) await add(store, `c${String(i)}`)
    lie(join(dir, 'next.10.87.1.0_24'))
    t.same(await add(store, 'next'), ['10.87.1.22/24'])
    t.same(await add(store, 'after'), ['10.87.1.23/24'])
  })
}
