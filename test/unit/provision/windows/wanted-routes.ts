import t from 'tap'
import { parsePrefix, type Prefix } from '../../../../src/addr/prefix.ts'
import { renderWanted } from '../../../../src/provision/windows/sync-files.ts'
import { routesOf, wantedRoutes } from '../../../../src/provision/windows/wanted-routes.ts'

const prefixes = (...texts: readonly string[]): readonly Prefix[] =>
  texts.flatMap((text) => parsePrefix(text) ?? [])
const own = { address: '172.20.1.5', subnets: prefixes('10.87.1.0/24', 'fd00:87:1::/64') }
const lan = prefixes('192.168.1.11/24')
const b = { subnets: prefixes('10.87.2.0/24'), lanAddress: '192.168.1.12' }
const c = { subnets: prefixes('10.87.3.0/24'), lanAddress: '10.99.0.3' }

t.test(
  'own subnets by WSL2, those of peers by their LAN address, none by an address elsewhere',
  async (t) => {
    t.same(wantedRoutes(own, [b, c], [], lan), [
      { destination: '10.87.1.0/24', nextHop: '172.20.1.5' },
      { destination: '10.87.2.0/24', nextHop: '192.168.1.12' },
    ])
  },
)

t.test('a silent peer keeps its route, one that has left does not, one that moves is followed', async (t) => {
  const before = wantedRoutes(own, [b], [], lan)
  const silent = { ...b, lanAddress: undefined }
  t.same(wantedRoutes(own, [silent], before, lan), before)
  t.same(wantedRoutes(own, [], before, lan), before.slice(0, 1))
  t.match(wantedRoutes(own, [{ ...b, lanAddress: '192.168.1.99' }], before, lan)[1], {
    nextHop: '192.168.1.99',
  })
  t.match(wantedRoutes({ ...own, address: '172.21.9.5' }, [b], before, lan)[0], { nextHop: '172.21.9.5' })
})

t.test('what was wanted is read back, and a damaged file is no file', async (t) => {
  const routes = wantedRoutes(own, [b], [], lan)
  t.same(routesOf(renderWanted('172.20.1.5', routes)), routes)
  for (const text of ['', '{', '[]', '{"routes":7}', '{"routes":[7,{"destination":1}]}'])
    t.same(routesOf(text), [])
})
