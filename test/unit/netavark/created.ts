import t, { type Test } from 'tap'
import { parsePrefix, type Prefix } from '../../../src/addr/prefix.ts'
import { CniError } from '../../../src/cni/error.ts'
import type { JsonObject } from '../../../src/json.ts'
import { describeCreated } from '../../../src/netavark/created.ts'
import { parseNetwork } from '../../../src/netavark/network.ts'
import { PODMANS, recorded } from '../../fixtures/runtimes/netavark/recorded.ts'

const prefix = (text: string): Prefix => parsePrefix(text) ?? { family: 4, value: 0n, length: 0 }
const ONE = [prefix('10.87.1.0/24')]
const BOTH = [prefix('10.87.1.0/24'), prefix('fd87:1::/64')]

function create(input: JsonObject, subnets = ONE): JsonObject {
  return describeCreated(input, parseNetwork(input), subnets)
}

function refuses(t: Test, keys: JsonObject, says: RegExp, subnets = ONE): void {
  try {
    create({ ...recorded('5.4.2', 'create', '01-'), ...keys }, subnets)
    t.fail(`accepted, and not refused with ${String(says)}`)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    t.match(`${error.message}: ${error.details}`, says)
  }
}

for (const podman of PODMANS) {
  t.test(`create, as podman ${podman} calls it`, async (t) => {
    const plain = recorded(podman, 'create', '01-')
    t.same(create(plain), {
      ...plain,
      dns_enabled: false,
      ipv6_enabled: false,
      ipam_options: { driver: 'none' },
      subnets: [{ subnet: '10.87.1.0/24', gateway: '10.87.1.1' }],
    })
    t.same(
      create(plain, BOTH)['subnets'],
      [
        { subnet: '10.87.1.0/24', gateway: '10.87.1.1' },
        { subnet: 'fd87:1::/64', gateway: 'fd87:1::1' },
      ],
      'both families of the certificate',
    )
    t.equal(create(plain, BOTH)['ipv6_enabled'], true)
  })

  t.test(`create of podman ${podman} with all options`, async (t) => {
    const { network_dns_servers: _, ...full } = recorded(podman, 'create', '02-')
    const network = { ...full, ipam_options: { driver: 'none' } }
    const made = create(network, BOTH)
    t.same(made, {
      ...network,
      dns_enabled: false,
      subnets: [
        {
          subnet: '10.87.1.0/24',
          gateway: '10.87.1.1',
          lease_range: { start_ip: '10.87.1.10', end_ip: '10.87.1.254' },
        },
        { subnet: 'fd87:1::/64', gateway: 'fd87:1::1' },
      ],
    })
    t.same(parseNetwork(made).own, {
      mtu: 1300,
      pool: ['10.87.0.0/16'],
      bridge: 'flatnet0',
      routes: [{ dst: '10.99.0.0/16', gw: '10.87.1.1', priority: 50 }],
    })
    t.same(create(made, BOTH), made, 'the answer is accepted as input')
  })
}

t.test('host bits, and ranges that are too long', async (t) => {
  const asked = (range: JsonObject): JsonObject => ({
    ...recorded('5.4.2', 'create', '01-'),
    subnets: [{ subnet: '10.87.1.7/24', lease_range: range }],
  })
  t.match(create(asked({ start_ip: null, end_ip: null })), { subnets: [{ subnet: '10.87.1.0/24' }] })
  t.match(create(asked({ start_ip: '10.87.1.1', end_ip: '10.87.1.255' })), {
    subnets: [{ lease_range: { start_ip: '10.87.1.4', end_ip: '10.87.1.254' } }],
  })
  t.match(create(asked({ start_ip: '10.87.1.100' })), {
    subnets: [{ lease_range: { start_ip: '10.87.1.100', end_ip: '10.87.1.254' } }],
  })
})

t.test('what this host cannot provide is refused with what to leave out', async (t) => {
  const subnet = '10.87.1.0/24'
  refuses(
    t,
    { subnets: [{ subnet: '10.88.0.0/24' }] },
    /10\.88\.0\.0\/24 is not in .* has 10\.87\.1\.0\/24; leave out --subnet/,
  )
  refuses(t, { subnets: [{ subnet: '10.87.0.0/16' }] }, /leave out --subnet/)
  refuses(t, { subnets: [{ subnet: 'fd87:1::/64' }] }, /leave out --subnet/)
  refuses(
    t,
    { subnets: [{ subnet, gateway: '10.87.1.254' }] },
    /10\.87\.1\.1 is the gateway .* leave out --gateway/,
  )
  refuses(
    t,
    { subnets: [{ subnet, lease_range: { start_ip: '10.87.1.1', end_ip: '10.87.1.3' } }] },
    /no address for containers; take some of 10\.87\.1\.4 to 10\.87\.1\.254/,
  )
  refuses(
    t,
    { subnets: [{ subnet, lease_range: { start_ip: '10.87.1.9', end_ip: '10.87.1.3' } }] },
    /ends before it begins/,
  )
  refuses(t, { subnets: [{ subnet, lease_range: { start_ip: 'fd87::1' } }] }, /other family/)
  refuses(t, { ipv6_enabled: true }, /has 10\.87\.1\.0\/24 only; leave out --ipv6/)
  refuses(t, { internal: true }, /leave out --internal/)
  refuses(t, { ipam_options: { driver: 'host-local' } }, /leave out --ipam-driver/)
  refuses(t, { ipam_options: { driver: 'dhcp' } }, /leave out --ipam-driver/)
  refuses(t, { network_dns_servers: ['9.9.9.9'] }, /leave out --dns/)
  refuses(t, { options: { colour: 'blue' } }, /unknown option: colour=blue/)
  refuses(
    t,
    { routes: [{ destination: '10.99.0.0/16', route_type: 'blackhole' }] },
    /routes\[0\]: needs a gateway/,
  )
  refuses(t, { name: '../x' }, /name: needs letters/)
})
