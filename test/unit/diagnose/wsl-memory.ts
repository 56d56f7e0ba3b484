import t from 'tap'
import type { Facts } from '../../../src/check/facts.ts'
import type { WslMemory } from '../../../src/check/facts/wsl.ts'
import type { GatherContext } from '../../../src/diagnose/context.ts'
import { rememberPlace } from '../../../src/diagnose/wsl-memory.ts'
import { ip, prefix } from '../../fixtures/addresses.ts'

// One reading of a host that has this address, or none.
function look(dataDir: string, address: string | undefined): Promise<WslMemory> {
  const addresses = address === undefined ? [] : [prefix(`${address}/20`)]
  const facts: Partial<Facts> = {
    settings: { dataDir } as Facts['settings'],
    links: [{ name: 'eth0', addresses }] as unknown as Facts['links'],
    routes: [
      {
        type: 'unicast',
        dst: prefix('0.0.0.0/0'),
        via: ip('172.20.0.1'),
        dev: 'eth0',
        metric: 0,
        protocol: 'boot',
      },
    ],
  }
  const get = (async (member: keyof Facts) => facts[member]) as GatherContext['get']
  return rememberPlace({ get })
}

t.test('a change is reported until the earlier address is back', async (t) => {
  const folder = t.testdir()
  const first = await look(folder, '172.20.0.5')
  t.same(first, {
    now: { address: '172.20.0.5', gateway: '172.20.0.1' },
    earlier: undefined,
    jumpedSeconds: 0,
  })
  t.equal((await look(folder, '172.20.0.5')).earlier, undefined)
  t.match((await look(folder, '172.20.0.9')).earlier, { address: '172.20.0.5' })
  t.match((await look(folder, '172.20.0.9')).earlier, { address: '172.20.0.5' }, 'still')
  t.equal((await look(folder, '172.20.0.5')).earlier, undefined)
  t.equal((await look(folder, '172.20.0.5')).earlier, undefined)
})

t.test('a host without an address does not change what is remembered', async (t) => {
  const folder = t.testdir()
  await look(folder, '172.20.0.5')
  t.match(await look(folder, undefined), { now: undefined, earlier: undefined })
  t.match((await look(folder, '172.20.0.9')).earlier, { address: '172.20.0.5' })
})
