import t from 'tap'
import { parseBandwidth, parseExtraRoutes, parseSysctls } from '../../../src/config/container-settings.ts'
import { parseIpRanges } from '../../../src/config/ip-ranges.ts'
import { parsePortMappings } from '../../../src/config/port-mappings.ts'
import { formatIp } from '../../../src/addr/ip.ts'

t.test('keys that Go leaves out or writes as null are unset', async (t) => {
  for (const value of [undefined, null]) {
    t.same(parseExtraRoutes(value, 'x'), [])
    t.same(parseSysctls(value, 'x'), [])
    t.same(parseBandwidth(value, 'x'), { ingress: undefined, egress: undefined })
    t.same(parseIpRanges(value, 'x'), [])
    t.same(parsePortMappings(value, 'x'), [])
  }
})

t.test('port mappings in the spelling of podman and of go-cni', async (t) => {
  const web = { protocol: 'tcp', hostPort: 8080, containerPort: 80 }
  t.same(parsePortMappings([web, { HostPort: 53, ContainerPort: 53, Protocol: 'UDP', HostIP: '' }], 'x'), [
    web,
    { protocol: 'udp', hostPort: 53, containerPort: 53 },
  ])
  t.same(parsePortMappings([{ ...web, hostIP: 'FD87:0::1' }], 'x'), [{ ...web, hostIp: 'fd87::1' }])
  t.same(parsePortMappings([web, web], 'x'), [web], 'a repeated mapping counts once')
  t.throws(() => parsePortMappings([web, { ...web, containerPort: 81 }], 'x'), {
    code: 7,
    details: 'x[1]: tcp 8080 is listed twice, with different targets',
  })
})

t.test('a whole port range is read quickly', async (t) => {
  const all = Array.from({ length: 65535 }, (_, index) => ({ hostPort: index + 1, containerPort: index + 1 }))
  t.equal(parsePortMappings(all, 'x').length, 65535)
})

t.test('wrong values are refused with their path', async (t) => {
  const cases: [() => unknown, number, RegExp][] = [
    [() => parsePortMappings({}, 'x'), 7, /^x: needs a list, got \{\}/],
    [() => parsePortMappings([1], 'x'), 7, /^x\[0\]: needs an object/],
    [() => parseExtraRoutes([{ dst: 'here' }], 'x'), 7, /^x\[0\]\.dst: needs a network/],
    [() => parseExtraRoutes([{ dst: '10.0.0.0/8', scope: 256 }], 'x'), 7, /^x\[0\]\.scope: /],
    [
      () => parseSysctls({ 'net.ipv4.ip_forward': 1 }, 'x'),
      7,
      /^x\.net\.ipv4\.ip_forward: cannot be set here/,
    ],
    [() => parseSysctls({ 'net.ipv4.conf.IFNAME.forwarding': 'a\nb' }, 'x'), 7, /needs a number or a string/],
    [() => parseBandwidth({ ingressRate: -1 }, 'x'), 7, /^x\.ingressRate: needs a whole number from 0/],
    [() => parseIpRanges([{ subnet: '10.0.0.0/8' }], 'x'), 7, /^x\[0\]: needs a list/],
    [
      () => parseIpRanges([[{ subnet: '10.0.0.0/8', rangeStart: '::1' }]], 'x'),
      7,
      /^x\[0\]\[0\]\.rangeStart/,
    ],
    [
      () => parseIpRanges([[{ subnet: '10.0.0.0/8', rangeStart: '10.0.0.9', rangeEnd: '10.0.0.8' }]], 'x'),
      7,
      /rangeEnd: is before rangeStart/,
    ],
  ]
  for (const [parse, code, details] of cases) t.throws(parse, { code, details })
})

t.test('rates are read in any letter case; the default burst is one second', async (t) => {
  t.same(parseBandwidth({ IngressRate: 1000, egressRate: 2000, EgressBurst: 500 }, 'x'), {
    ingress: { rate: 1000, burst: 1000 },
    egress: { rate: 2000, burst: 500 },
  })
})

t.test('a range without begin and end is the whole subnet', async (t) => {
  const [range] = parseIpRanges([[{ Subnet: '10.87.1.0/24', rangeEnd: '10.87.1.99' }]], 'x')
  t.equal(range && `${formatIp(range.first)} ${formatIp(range.last)}`, '10.87.1.0 10.87.1.99')
})
