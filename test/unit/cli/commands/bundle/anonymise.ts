// Replaced names and addresses are consistent, and none of the old ones is left.
import t from 'tap'
import { makeAnonymiser } from '../../../../../src/cli/commands/bundle/anonymise.ts'
import { makeAddressMap } from '../../../../../src/cli/commands/bundle/address-map.ts'
import { formatIp } from '../../../../../src/addr/ip.ts'
import { ip } from '../../../../fixtures/addresses.ts'

const NAMES = new Map([
  ['host', ['tokyo', 'tokyo-2', 'osaka']],
  ['container', ['web', '東京の店']],
])
const ID = '4f'.repeat(32)
const TEXT = `tokyo 10.86.1.1/16 reaches tokyo-2 at 10.86.2.1: web is 10.87.2.10, 10.86.2.1:4242. From \
0a:58:0a:57:02:0a
by fd86::2:1: and [fd86::2:1]:4242, id ${ID}; 0.0.0.0/0 and ::/0 at 12:03:14, version 1.9.7, \
東京の店 in /home/taro/x`

t.test('every name and address is replaced', async (t) => {
  const { text } = makeAnonymiser([TEXT], NAMES)
  const out = text(TEXT)
  t.notMatch(out, /tokyo|web|10\.8[67]|0a:58|fd86|4f4f|東京|taro/)
  t.match(out, /0\.0\.0\.0\/0 and ::\/0 at 12:03:14, version 1\.9\.7/)
  t.match(
    out,
    /^host-2 10\.1\.1\.1\/16 reaches host-3 at 10\.1\.2\.1: container-1 is 10\.2\.1\.\d+, 10\.1\.2\.1:4242\./,
  )
})

t.test('a name or address has one replacement everywhere, even as a key', async (t) => {
  const { json } = makeAnonymiser([TEXT], NAMES)
  t.same(
    json({
      host: 'tokyo',
      peers: [{ name: 'tokyo', at: '10.86.2.1' }],
      hops: { '10.86.2.1': 'osaka' },
      rtt: 3,
    }),
    {
      host: 'host-2',
      peers: [{ name: 'host-2', at: '10.1.2.1' }],
      hops: { '10.1.2.1': 'host-1' },
      rtt: 3,
    },
  )
})

t.test('a name inside another word is not replaced', async (t) => {
  const { text } = makeAnonymiser([], NAMES)
  t.equal(text('website, web.crt, tokyo-2.crt'), 'website, container-1.crt, host-3.crt')
})

t.test('addresses of one network stay in one network, different ones stay different', async (t) => {
  const all = [
    '10.87.1.1',
    '10.87.1.10',
    '10.87.1.255',
    '10.87.2.0',
    '192.168.77.10',
    '224.0.0.1',
    '127.0.0.1',
    'fd87:0:0:1::a',
    'fd87:0:0:1::b',
    'fe80::1',
    'ff02::1',
  ]
  const map = makeAddressMap(all.map(ip))
  const out = all.map((text) => formatIp(map(ip(text))))
  t.equal(new Set(out).size, all.length)
  const net = (text: string | undefined): string => text?.split('.').slice(0, 3).join('.') ?? ''
  t.equal(net(out[0]), net(out[1]))
  t.equal(net(out[0]), net(out[2]))
  t.not(net(out[0]), net(out[3]))
  t.match(out[2], /\.255$/)
  t.match(out[3], /\.0$/)
  t.same(out.slice(5, 7), ['224.0.0.1', '127.0.0.1'])
  t.equal(out[7]?.replace(/.$/, ''), out[8]?.replace(/.$/, ''))
  t.match(out[9], /^fe80::/)
  t.equal(out[10], 'ff02::1')
})

t.test('the outcome does not depend on the order', async (t) => {
  const one = makeAnonymiser(['10.9.9.9 10.8.8.8', '10.7.7.7'], NAMES)
  const two = makeAnonymiser(['10.7.7.7', '10.8.8.8 10.9.9.9'], NAMES)
  t.equal(one.text('10.8.8.8'), two.text('10.8.8.8'))
})
