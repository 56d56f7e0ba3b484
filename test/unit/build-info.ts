import t from 'tap'

import { buildInfo } from '../../src/build-info.ts'

t.test('sources that run unbundled say so', (t) => {
  t.same(buildInfo(), { version: 'unbuilt', commit: 'unknown' })
  t.end()
})

t.test('a bundle says what it was built from', (t) => {
  // As esbuild's "define" does.
  Object.assign(globalThis, { FLATNET_VERSION: '1.2.3', FLATNET_COMMIT: 'abc1234' })
  t.teardown(() => {
    for (const name of ['FLATNET_VERSION', 'FLATNET_COMMIT']) Reflect.deleteProperty(globalThis, name)
  })
  t.same(buildInfo(), { version: '1.2.3', commit: 'abc1234' })
  t.end()
})
