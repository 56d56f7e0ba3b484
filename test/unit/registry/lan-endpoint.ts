import t from 'tap'
import { formatLanEndpoint, parseLanEndpoint } from '../../../src/registry/lan-endpoint.ts'

t.test('an address and port of a LAN, in canonical form', async (t) => {
  for (const [text, canonical] of [
    ['192.168.1.12:80', '192.168.1.12:80'],
    ['[FD00:0::12]:8080', '[fd00::12]:8080'],
    ['10.0.0.1:65535', '10.0.0.1:65535'],
  ] as const)
    t.equal(parseLanEndpoint(text), canonical)
  t.equal(formatLanEndpoint('fd00::12', 80), '[fd00::12]:80')
})

t.test('what no HTTP Gateway can have', async (t) => {
  for (const text of [
    '127.0.0.1:80',
    '0.0.0.0:80',
    '169.254.169.254:80',
    '224.0.0.1:80',
    '255.255.255.255:80',
    '[::1]:80',
    '[::]:80',
    '[fe80::1]:80',
    '[ff02::1]:80',
    '[::ffff:127.0.0.1]:80',
    '192.168.1.12',
    '192.168.1.12:0',
    '192.168.1.12:65536',
    '192.168.1.12:080',
    'fd00::12:80',
    'gateway:80',
    '192.168.1.12:80/x',
    '',
  ])
    t.equal(parseLanEndpoint(text), undefined, text)
})
