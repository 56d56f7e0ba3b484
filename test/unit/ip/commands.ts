import t from 'tap'
import { addressDelete, addressReplace } from '../../../src/ip/address.ts'
import { linkAddBridge, linkAddVeth, linkDelete, linkSetMasterUp } from '../../../src/ip/link.ts'
import { prefix } from '../../fixtures/addresses.ts'

const cases: [string, readonly string[], string][] = [
  [
    'an address is deleted with its prefix length',
    addressDelete(prefix('10.87.1.1/24'), 'flatnet0'),
    'address delete 10.87.1.1/24 dev flatnet0',
  ],
  [
    'a bridge is created with its MAC and MTU',
    linkAddBridge({ name: 'flatnet0', mtuBytes: 1300, mac: '0a:58:0a:57:01:01' }),
    'link add name flatnet0 mtu 1300 address 0a:58:0a:57:01:01 type bridge',
  ],
  [
    "a veth is created directly in the container's namespace with both MACs",
    linkAddVeth({
      name: 'veth0',
      mac: '0a:59:0a:57:01:0a',
      mtuBytes: 1300,
      peer: { name: 'eth0', mac: '0a:58:0a:57:01:0a', netns: '/proc/7/ns/net' },
    }),
    'link add name veth0 mtu 1300 address 0a:59:0a:57:01:0a type veth ' +
      'peer name eth0 mtu 1300 address 0a:58:0a:57:01:0a netns /proc/7/ns/net',
  ],
  [
    'a port comes up with its bridge',
    linkSetMasterUp('veth0', 'flatnet0'),
    'link set dev veth0 master flatnet0 up',
  ],
  ['a link is deleted by name', linkDelete('veth0'), 'link delete dev veth0'],
  [
    'an IPv4 address',
    addressReplace(prefix('10.87.1.10/24'), 'eth0'),
    'address replace 10.87.1.10/24 dev eth0',
  ],
  [
    'an IPv6 address skips duplicate address detection',
    addressReplace(prefix('fd87:0:0:1::a/64'), 'eth0'),
    'address replace fd87:0:0:1::a/64 dev eth0 nodad',
  ],
]
for (const [name, command, text] of cases) t.test(name, async (t) => t.equal(command.join(' '), text))
