import t from 'tap'

import { formatIp } from '../../../src/addr/ip.ts'
import { nameserversOf, reachableServer, searchAfter } from '../../../src/names/resolv-conf.ts'

t.test('name servers: each once, three at most', async (t) => {
  const servers = (text: string): readonly string[] => nameserversOf(text).map(formatIp)
  t.same(servers('# none\nnameservers 192.0.2.1\n'), [])
  t.same(servers('nameserver 192.0.2.1\n nameserver\t2001:db8::1 # home\nnameserver 192.0.2.1\n'), [
    '192.0.2.1',
    '2001:db8::1',
  ])
  t.same(servers('nameserver fe80::1%eth0\nnameserver 192.0.2.one\n'), [])
  t.equal(servers([1, 2, 3, 4].map((n) => `nameserver 192.0.2.${n}`).join('\n')).length, 3)
})

t.test('a server that packets of containers can be led to', async (t) => {
  const found = (...texts: readonly string[]): string | undefined => {
    const ip = reachableServer(texts, '10.87.1.1')
    return ip === undefined ? undefined : formatIp(ip)
  }
  t.equal(found('nameserver 10.255.255.254'), '10.255.255.254', "WSL2's tunnel")
  t.equal(found('nameserver 2001:db8::1\nnameserver 192.0.2.2'), '192.0.2.2')
  t.equal(found('nameserver 127.0.0.53', 'nameserver 192.0.2.3'), '192.0.2.3', "systemd-resolved's own")
  t.equal(found('nameserver 127.0.0.53\nnameserver 10.87.1.1\n'), undefined)
  t.equal(found(), undefined)
})

t.test("search domains: ours, then the host's", async (t) => {
  const search = (text: string): readonly string[] => searchAfter('flatnet.internal', text)
  t.same(search(''), ['flatnet.internal'])
  t.same(search('domain old.example\nsearch office.example  lab.example.\n'), [
    'flatnet.internal',
    'office.example',
    'lab.example.',
  ])
  t.same(search('search flatnet.internal . a;b $(x) ok'), ['flatnet.internal', 'ok'])
  t.equal(search(`search ${Array.from({ length: 20 }, (_, n) => `d${n}`).join(' ')}`).length, 6)
})
