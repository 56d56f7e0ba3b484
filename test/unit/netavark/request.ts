import t, { type Test } from 'tap'
import { formatIp } from '../../../src/addr/ip.ts'
import { CniError } from '../../../src/cni/error.ts'
import type { JsonObject } from '../../../src/json.ts'
import { parseSetup, readTarget } from '../../../src/netavark/request.ts'
import { PODMANS, recorded, recordings } from '../../fixtures/runtimes/netavark/recorded.ts'

const NETNS = '/run/netns/netns-1'

function refuses(t: Test, input: JsonObject, says: RegExp, netns = NETNS): void {
  try {
    parseSetup(input, netns)
    t.fail(`accepted, and not refused with ${String(says)}`)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    t.match(`${error.message}: ${error.details}`, says)
  }
}

/** Returns the recorded plain call with other keys merged in. */
function withKeys(keys: JsonObject, options: JsonObject = {}, network: JsonObject = {}): JsonObject {
  const plain = recorded('5.4.2', 'setup', '10-')
  return {
    ...plain,
    ...keys,
    network: { ...(plain['network'] as JsonObject), ...network },
    network_options: { ...(plain['network_options'] as JsonObject), ...options },
  }
}

for (const podman of PODMANS) {
  t.test(`setup, as podman ${podman} calls it`, async (t) => {
    const plain = parseSetup(recorded(podman, 'setup', '10-'), NETNS)
    t.match(plain, {
      key: { network: 'flatnet', containerID: /^[0-9a-f]{64}$/, ifname: 'eth0' },
      netns: { path: NETNS, allowOwn: false },
      replaces: true,
      ips: [],
      mac: undefined,
      ports: [],
      aliases: [/^[0-9a-f]{12}$/],
      containerName: 'a1',
    })
    t.same(plain.own, {})
    t.same(
      plain.ranges.map(({ first, last }) => [formatIp(first), formatIp(last)]),
      [['10.87.1.10', '10.87.1.254']],
      'the range of the network',
    )
    const asked = parseSetup(recorded(podman, 'setup', '16-'), NETNS)
    t.same([asked.ips.map(formatIp), asked.mac], [['10.87.1.77'], '02:00:00:00:00:07'])
    const reloaded = parseSetup(recorded(podman, 'setup', '17-'), NETNS)
    t.same(reloaded.ips.map(formatIp), ['10.87.1.77'], 'network reload sends the address twice')
    const connected = parseSetup(recorded(podman, 'setup', '18-'), NETNS)
    t.match(connected, { key: { ifname: 'eth1' }, aliases: ['zz'], mac: '02:00:00:00:00:99' })
    const pod = parseSetup(recorded(podman, 'setup', '22-'), NETNS)
    t.ok(pod.containerName, 'a pod has a name too')
  })

  t.test(`ports, as podman ${podman} sends them`, async (t) => {
    const { ports } = parseSetup(recorded(podman, 'setup', '21-'), NETNS)
    const texts = ports.map(
      ({ protocol, hostIp = '*', hostPort, containerPort }) =>
        `${protocol} ${hostIp} ${String(hostPort)}>${String(containerPort)}`,
    )
    t.same(texts.toSorted(), [
      'sctp * 7000>7000',
      'tcp * 8080>80',
      'tcp 127.0.0.1 8090>90',
      'tcp 127.0.0.1 8091>91',
      'tcp 127.0.0.1 8092>92',
      'tcp :: 8081>81',
      'tcp ::1 8079>80',
      'udp * 53>53',
    ])
  })

  t.test(`teardown of podman ${podman} names what setup created`, async (t) => {
    for (const { verb, input } of recordings(podman).filter((each) => each.verb === 'teardown')) {
      const target = readTarget(input)
      t.ok(target, verb)
      t.match(input['container_id'], target?.key.containerID)
    }
    t.same(
      readTarget(recorded(podman, 'teardown', '10-'))?.key,
      parseSetup(recorded(podman, 'setup', '10-'), NETNS).key,
    )
  })

  t.test(`options that podman ${podman} passes on are refused by name`, async (t) => {
    refuses(t, recorded(podman, 'setup', '20-'), /unknown option: (foo|mtu|host_interface_name)=/)
    refuses(t, recorded(podman, 'setup', '12-'), /ipam driver: "host-local" .* leave out --ipam-driver/)
  })
}

t.test('what a container cannot have is refused', async (t) => {
  refuses(t, withKeys({}, { static_ips: ['10.87.1.20', '10.87.1.21'] }), /one address per family/)
  refuses(t, withKeys({}, { static_ips: ['web'] }), /requested address: "web" is not an IP address/)
  refuses(t, withKeys({}, { static_mac: '02:00:00:00:00:00:00:07' }), /MAC address: .* is not a MAC address/)
  refuses(t, withKeys({}, { static_mac: '01:00:00:00:00:07' }), /group bit/)
  refuses(t, withKeys({}, { interface_name: 'sixteen-letters-' }), /interface_name: .*longer than 15 bytes/)
  refuses(t, withKeys({}, { interface_name: 'a b' }), /interface_name: .*white space/)
  refuses(t, withKeys({ container_id: '../x' }), /container_id/)
  refuses(t, withKeys({}), /namespace: "netns": not an absolute path/, 'netns')
  refuses(t, withKeys({}), /namespace: .*has a character/, '/run/netns/a b')
  refuses(t, withKeys({}, {}, { internal: true }), /internal: .*leave out --internal/)
  refuses(t, withKeys({}, {}, { options: { colour: 'blue' } }), /unknown option: colour=blue/)
})

t.test('a container may have its own limits', async (t) => {
  const options = { 'bandwidth.ingressRate': '1000000', 'bandwidth.egressRate': '2000000' }
  const { bandwidth } = parseSetup(withKeys({}, { options }), NETNS)
  t.match(bandwidth, { ingress: { rate: 1_000_000 }, egress: { rate: 2_000_000 } })
})

t.test('impossible ports', async (t) => {
  const port = (keys: JsonObject): JsonObject =>
    withKeys({
      port_mappings: [
        { container_port: 80, host_port: 8080, protocol: 'tcp', host_ip: '', range: 1, ...keys },
      ],
    })
  t.equal(parseSetup(port({ range: 0 }), NETNS).ports.length, 1, 'a range of 0 is one port')
  t.equal(parseSetup(port({ range: null }), NETNS).ports.length, 1)
  t.equal(parseSetup(port({ protocol: 'tcp,udp' }), NETNS).ports.length, 2)
  t.equal(parseSetup(port({ range: 1000 }), NETNS).ports.at(-1)?.containerPort, 1079)
  refuses(t, port({ range: 65_000 }), /port_mappings\[0\].range: .*beyond 65535/)
  refuses(t, port({ protocol: 'icmp' }), /port_mappings\[0\].protocol: needs tcp, udp or sctp/)
  refuses(t, port({ host_ip: 'eth0' }), /port_mappings\[0\].host_ip/)
  refuses(t, port({ host_port: 0 }), /port_mappings\[0\].host_port: needs a port/)
})

t.test('teardown ignores names that no attachment can have', async (t) => {
  t.equal(readTarget({}), undefined)
  t.equal(readTarget({ container_id: 'a/b', network: { name: 'flatnet' }, network_options: {} }), undefined)
  const broken = withKeys(
    {},
    { interface_name: 'eth0' },
    { options: ['not', 'an', 'object'], internal: 'yes' },
  )
  t.match(readTarget(broken), { key: { network: 'flatnet', ifname: 'eth0' }, own: {} })
  const stateDir = { options: { stateDir: '/var/lib/elsewhere', colour: 'blue' } }
  t.same(readTarget(withKeys({}, {}, stateDir))?.own, { stateDir: '/var/lib/elsewhere' })
})
