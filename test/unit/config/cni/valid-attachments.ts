import t from 'tap'
import { CniCode } from '../../../../src/cni/error.ts'
import { parseValidAttachments } from '../../../../src/config/cni/valid-attachments.ts'

const [A, B] = [
  { containerID: 'a', ifname: 'eth0' },
  { containerID: 'b', ifname: 'eth1' },
]

const lists: [string, Record<string, unknown>, unknown][] = [
  ['neither key', {}, []],
  ['null', { 'cni.dev/valid-attachments': null }, []],
  ['null under the legacy key', { 'cni.dev/attachments': null }, []],
  ['an empty list', { 'cni.dev/valid-attachments': [] }, []],
  ['the key of libcni', { 'cni.dev/valid-attachments': [A, B] }, [A, B]],
  ['the legacy key', { 'cni.dev/attachments': [A] }, [A]],
  ['both keys', { 'cni.dev/valid-attachments': [A], 'cni.dev/attachments': [B] }, [A, B]],
  ['capitalised keys', { 'cni.dev/valid-attachments': [{ ContainerID: 'a', IfName: 'eth0' }] }, [A]],
]
for (const [name, conf, expected] of lists) {
  t.test(`the list of valid attachments is read from ${name}`, async (t) =>
    t.same(parseValidAttachments(conf), expected),
  )
}

for (const [name, value] of [
  ['a string', 'a:eth0'],
  ['an object', { a: 'eth0' }],
  ['a list of strings', ['a:eth0']],
  ['an entry without an interface name', [{ containerID: 'a' }]],
  ['an entry that is null', [null]],
] as const) {
  t.test(`${name} does not count as an empty list`, async (t) =>
    t.throws(() => parseValidAttachments({ 'cni.dev/valid-attachments': value }), {
      code: CniCode.DecodeFailure,
      details: /^cni\.dev\/valid-attachments/,
    }),
  )
}
