import t from 'tap'
import { CniCode } from '../../../../src/cni/error.ts'
import { parseIpamConf } from '../../../../src/config/cni/ipam-conf.ts'

const parse = (ipam: Record<string, unknown>, rest: Record<string, unknown> = {}, strict = true) =>
  parseIpamConf(
    {
      cniVersion: '1.0.0',
      name: 'lan',
      type: 'bridge',
      bridge: 'br0',
      isGateway: true,
      ...rest,
      ipam: { type: 'flatnet-ipam', ...ipam },
    },
    strict,
  )

t.test('only `ipam` and the given addresses are read from a caller’s configuration', async (t) => {
  const conf = parse(
    { pool: '10.87.0.0/16', stateDir: '/x', ranges: [[{ subnet: '10.87.1.0/24' }]] },
    {
      runtimeConfig: { IPs: ['10.87.1.9'], Mac: 'x', portMappings: [{}] },
      args: { cni: { ips: [], mac: 7 } },
    },
  )
  t.match(conf, { cniVersion: '1.0.0', name: 'lan' })
  t.same(conf.own, { pool: '10.87.0.0/16', stateDir: '/x' }, 'the caller’s own "bridge" is ignored')
  t.same(conf.runtimeConfig, { ips: ['10.87.1.9'] })
  t.same(conf.argsCni, { ips: [] })
})

t.test('routes are passed on in canonical form', async (t) => {
  const { routes } = parse({
    routes: [
      { dst: '192.0.2.9/24', gw: '' },
      { dst: 'FD00::/8', gw: 'FD87::1', priority: 7, mtu: 1300 },
    ],
  })
  t.same(routes, [{ dst: '192.0.2.0/24' }, { dst: 'fd00::/8', gw: 'fd87::1', mtu: 1300, priority: 7 }])
  t.same(parse({ routes: null }).routes, [])
})

const wrong: [string, Record<string, unknown>, number, RegExp][] = [
  ['bridge', { bridge: 'x' }, CniCode.UnsupportedField,
    /^ipam\.bridge: "x" \(flatnet-ipam only assigns addresses/],
  ['mtu', { mtu: 1300 }, CniCode.UnsupportedField, /^ipam\.mtu: 1300/],
  ['ipMasq', { ipMasq: false }, CniCode.UnsupportedField, /^ipam\.ipMasq: false/],
  ['gateway', { gateway: '10.87.1.9' }, CniCode.UnsupportedField, /^ipam\.gateway: "10/],
  ['peers', { peers: '/x' }, CniCode.UnsupportedField, /^ipam\.peers/],
  ['nebula.device', { nebula: { device: 'neb0' } }, CniCode.UnsupportedField, /^ipam\.nebula\.device/],
  ['subnet', { subnet: '10.0.0.0/8' }, CniCode.UnsupportedField,
    /^ipam\.subnet: "10\.0\.0\.0\/8" \(known here/],
  ['a route without a destination', { routes: [{}] }, CniCode.InvalidConfig, /^ipam\.routes\[0\]\.dst/],
  ['a route to a name', { routes: [{ dst: 'x' }] }, CniCode.InvalidConfig, /^ipam\.routes\[0\]\.dst/],
  ['a route with a name as next hop', { routes: [{ dst: '::/0', gw: 'x' }] }, CniCode.InvalidConfig,
    /routes\[0\]\.gw/],
  ['a route with a string as metric', { routes: [{ dst: '::/0', priority: '1' }] }, CniCode.InvalidConfig,
    /priority/],
  ['an unknown key of a route', { routes: [{ dst: '::/0', via: 'x' }] }, CniCode.UnsupportedField,
    /routes\[0\]\.via/],
  ['routes that are not a list', { routes: {} }, CniCode.InvalidConfig, /^ipam\.routes/],
] // prettier-ignore
for (const [name, ipam, code, details] of wrong) {
  t.test(`${name} in ipam is refused, and DEL reads it`, async (t) => {
    t.throws(() => parse(ipam), { code, details })
    t.equal(parse(ipam, {}, false).name, 'lan')
  })
}
