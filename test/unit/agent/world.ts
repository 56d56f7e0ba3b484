import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

import { type World, worldStamp } from '../../../src/agent/world.ts'

t.test('what is written into any file that counts is noticed', (t) => {
  const folder = t.testdir({
    'ca.crt': 'ca',
    'host.crt': 'cert',
    'host.key': 'key',
    config: { '1.yml': 'pki: {}', deeper: { '2.yaml': 'tun: {}' } },
  })
  const at = (name: string): string => join(folder, name)
  const nebula = { ca: at('ca.crt'), cert: at('host.crt'), key: at('host.key'), config: at('config') }
  const world = { settings: { nebula } } as unknown as World
  for (const name of ['ca.crt', 'host.crt', 'host.key', 'config/1.yml', 'config/deeper/2.yaml']) {
    const before = worldStamp(world)
    t.equal(worldStamp(world), before)
    writeFileSync(at(name), 'something of another length')
    t.not(worldStamp(world), before, name)
  }
  t.end()
})
