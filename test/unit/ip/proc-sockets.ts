import t from 'tap'
import { formatIp } from '../../../src/addr/ip.ts'
import { countInUse, isPastListeners, isWildcard, parseListeners } from '../../../src/ip/proc-sockets.ts'

// The format of Linux 6.18.
const NONE = '0'.repeat(32)
const TAIL = '00000000:00000000 00:00000000 00000000     0        0'
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F92 00000000:0000 0A ${TAIL} 279125 2 00000000893cbdae 100 0 0 10 0
   1: 00000000:0016 00000000:0000 0A ${TAIL} 279126 1 00000000893cbdaf 100 0 0 10 0
   2: 0100007F:9CD8 0100007F:1F92 01 ${TAIL} 279132 2 000000008f722bff 20 0 0 10 -1
`
const TCP6 = `  sl  local_address                         remote_address                        st \
tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: ${NONE}:1F90 ${NONE}:0000 0A ${TAIL} 279123 1 000000000ee38b33 100 0 0 10 0
   1: 00000000000000000000000001000000:1F93 ${NONE}:0000 0A ${TAIL} 279126 1 000000000ee38b34 100 0 0 10 0
   2: 0000000000000000FFFF00000100007F:1F94 ${NONE}:0000 0A ${TAIL} 279127 1 000000000ee38b35 100 0 0 10 0
   3: 000087FD010000000000000001000000:0050 ${NONE}:0000 0A ${TAIL} 279128 1 000000000ee38b36 100 0 0 10 0
`
const UDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout \
inode ref pointer drops
  256: 0100007F:D303 0100007F:14E9 01 ${TAIL} 279130 2 000000005fe05ec9 0
  742: 00000000:14E9 00000000:0000 07 ${TAIL} 279128 2 00000000e17c1f01 0
`

const shown = (text: string, protocol: 'tcp' | 'udp') =>
  parseListeners(text, protocol).map(
    ({ address, port, inode }) => `${formatIp(address)} ${String(port)} ${inode}`,
  )

t.test('for TCP, sockets that accept connections', async (t) => {
  t.same(shown(TCP, 'tcp'), ['127.0.0.1 8082 279125', '0.0.0.0 22 279126'])
  t.same(shown(TCP6, 'tcp'), [
    ':: 8080 279123',
    '::1 8083 279126',
    '127.0.0.1 8084 279127',
    'fd87:0:0:1::1 80 279128',
  ])
  t.same(
    parseListeners(TCP6, 'tcp').map((listener) => isWildcard(listener)),
    [true, false, false, false],
  )
})

t.test('for UDP, sockets that are not connected', async (t) => {
  t.same(shown(UDP, 'udp'), ['0.0.0.0 5353 279128'])
})

t.test('incomplete lines are skipped', async (t) => {
  t.same(shown('', 'tcp'), [])
  t.same(shown(TCP.slice(0, TCP.indexOf('279125') + 3), 'tcp'), [], 'cut off within the inode')
  t.same(shown(`${TCP6}   4: 00:0050 0:0 0A ${TAIL} 9 1\n`, 'tcp').length, 4, 'an address of neither family')
})

t.test('connections come after the listeners', async (t) => {
  const lines = TCP.split('\n')
  t.equal(isPastListeners(TCP), true)
  t.equal(isPastListeners(`${lines.slice(0, 3).join('\n')}\n`), false)
  t.equal(isPastListeners(lines.slice(0, 4).join('\n')), false, 'the last line is incomplete')
  t.equal(isPastListeners(lines[0] ?? ''), false)
  t.equal(isPastListeners(''), false)
})

t.test('sockets are counted by protocol', async (t) => {
  const text = 'sockets: used 32\nTCP: inuse 12 orphan 0 tw 3 alloc 16 mem 1\nUDP: inuse 4 mem 0\n'
  t.equal(countInUse(text, 'TCP'), 12)
  t.equal(countInUse('TCP6: inuse 0\nUDP6: inuse 1\n', 'TCP6'), 0)
  t.equal(countInUse(text, 'TCP6'), undefined)
})
