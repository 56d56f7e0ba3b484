import { readFileSync } from 'node:fs'
import t from 'tap'
import { formatPrefix } from '../../../src/addr/prefix.ts'
import { parseFibTrie, parseIfInet6 } from '../../../src/ip/local-addresses.ts'

// Kernel 6.18's format: local, link and broadcast entries of one address, and one address that is local and
// more.
const TRIE = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
     |-- 192.0.2.0
        /24 link UNICAST
        /32 host LOCAL
     |-- 192.0.2.2
        /32 host LOCAL
Local:
     |-- 192.0.2.2
        /32 host LOCAL
`

t.test('local networks are found once, and none is inside another', async (t) => {
  t.same(parseFibTrie(TRIE).map(formatPrefix), ['127.0.0.0/8', '192.0.2.0/32', '192.0.2.2/32'])
  t.same(parseFibTrie(''), [])
})

t.test('IPv6 addresses without ::1, and those of one link', async (t) => {
  const lines = [
    '00000000000000000000000000000001 01 80 10 80       lo',
    'fe80000000000000a8bbccfffeddeeff 02 40 20 80     eth0',
    'fd770000000000000000000000000010 02 40 00 80     eth0',
    '',
  ]
  t.same(parseIfInet6(lines.join('\n')).map(formatPrefix), ['fd77::10/128'])
})

t.test("this kernel's own files are read", async (t) => {
  t.ok(parseFibTrie(readFileSync('/proc/self/net/fib_trie', 'utf8')).some(({ length }) => length === 8))
})
