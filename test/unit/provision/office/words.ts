import t from 'tap'
import { endpoint, groupName, hostName } from '../../../../src/provision/office/words.ts'

t.test('addresses of lighthouses get a port and a canonical form', async (t) => {
  const cases: readonly (readonly [text: string, known: string])[] = [
    ['192.168.1.5', '192.168.1.5:4242'],
    ['192.168.1.5:4300', '192.168.1.5:4300'],
    ['lh.lan', 'lh.lan:4242'],
    ['lh.lan:1', 'lh.lan:1'],
    ['fd00::5', '[fd00::5]:4242'],
    ['[FD00::5]:4300', '[fd00::5]:4300'],
    ['::1:4242', '[::1:4242]:4242'],
  ]
  for (const [text, known] of cases) t.equal(endpoint(text), known, text)
})

t.test('other addresses are refused', async (t) => {
  const bad = [
    '',
    '192.168.1',
    '192.168.1.300',
    '1.2.3.4:0',
    '1.2.3.4:70000',
    '[lh.lan]:1',
    'a b',
    'a"b',
    '-x',
    'lh..lan',
    'x:y:z',
    '$(id)',
  ]
  for (const text of bad) t.throws(() => endpoint(text), { message: 'address not usable' }, text)
})

t.test('names go into file names and certificates', async (t) => {
  for (const name of ['a', 'host-a', '3', 'a'.repeat(63)]) t.equal(hostName(name), name)
  for (const name of ['', 'A', 'a_b', '-a', 'a-', '../a', 'a.b', 'a'.repeat(64), 'a\n'])
    t.throws(() => hostName(name), { message: 'host name not usable' }, JSON.stringify(name))
  for (const name of ['web', 'Web_1.a-b']) t.equal(groupName(name), name)
  for (const name of ['', 'a,b', 'a b', '-a', 'a'.repeat(64)])
    t.throws(() => groupName(name), { message: 'group not usable' }, JSON.stringify(name))
})
