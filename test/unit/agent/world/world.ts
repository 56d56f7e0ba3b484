import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

import { hasSamePeers, peersStamp, type World, worldStamp } from '../../../../src/agent/world/world.ts'

t.test('a change of any file that matters is noticed', (t) => {
  const folder = t.testdir({
    'ca.crt': 'ca',
    'host.crt': 'cert',
    'host.key': 'key',
    config: { '1.yml': 'pki: {}', deeper: { '2.yaml': 'tun: {}' } },
    statements: {},
  })
  const at = (name: string): string => join(folder, name)
  const nebula = { ca: at('ca.crt'), cert: at('host.crt'), key: at('host.key'), config: at('config') }
  const authority = 'ab'.repeat(32)
  const identity = { pool: { authorities: new Map([[authority, {}]]) } }
  const world = { settings: { nebula, dataDir: folder }, identity } as unknown as World
  const statement = `statements/${authority}.revocation.json`
  for (const name of ['ca.crt', 'host.crt', 'host.key', 'config/1.yml', 'config/deeper/2.yaml', statement]) {
    const before = worldStamp(world)
    t.equal(worldStamp(world), before)
    writeFileSync(at(name), 'something of another length')
    t.not(worldStamp(world), before, name)
  }
  t.end()
})

t.test('peers are read again after a file change, an expired certificate, or a clock set back', (t) => {
  const folder = t.testdir({
    'ca.crt': 'ca',
    'peers.d': { 'b.crt': 'b', 'readme.txt': 'x' },
    data: { peers: { 'c.crt': 'c' } },
  })
  const at = (name: string): string => join(folder, name)
  const settings = {
    nebula: { ca: at('ca.crt') },
    peers: at('peers.d'),
    dataDir: at('data'),
  } as World['settings']
  const seen = (isSettled = true): World =>
    ({
      settings,
      peers: { isSettled, validUntil: 2000 },
      peersRead: { stamp: peersStamp(settings), at: 1000 },
    }) as unknown as World
  t.ok(hasSamePeers(seen(), 1000))
  t.ok(hasSamePeers(seen(), 2000))
  t.notOk(hasSamePeers(seen(), 2001), 'a certificate has expired')
  t.notOk(hasSamePeers(seen(), 999), 'the clock was set back')
  t.notOk(hasSamePeers(seen(false), 1000), 'a certificate is refused')
  const change = (what: string, work: () => void): void => {
    const before = seen()
    work()
    t.notOk(hasSamePeers(before, 1000), what)
    t.ok(hasSamePeers(seen(), 1000))
  }
  change('the CA', () => writeFileSync(at('ca.crt'), 'another'))
  change('written over in place', () => writeFileSync(at('peers.d/b.crt'), 'another'))
  change('one more', () => writeFileSync(at('peers.d/d.pem'), 'd'))
  change('renamed', () => renameSync(at('peers.d/d.pem'), at('peers.d/e.pem')))
  change('one less', () => rmSync(at('peers.d/e.pem')))
  change('learnt', () => writeFileSync(at('data/peers/d.crt'), 'd'))
  change('no folder', () => rmSync(at('peers.d'), { recursive: true }))
  t.end()
})
