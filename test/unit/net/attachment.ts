import t from 'tap'
import { describeKey, hostLinkName, isSameKey, keyOfAlias, linkAlias } from '../../../src/net/attachment.ts'
import { parseAttachment, sortedJson } from '../../../src/net/attachment-text.ts'
import { requestFor } from '../../fixtures/state/attachments.ts'
import { prefix } from '../../fixtures/addresses.ts'

const key = { network: 'flatnet', containerID: 'c1', ifname: 'eth0' }

t.test('a host link is named after its attachment, within the 15 bytes of a link name', async (t) => {
  t.match(hostLinkName(key), /^veth[0-9a-f]{11}$/)
  t.equal(hostLinkName(key), hostLinkName({ ...key }))
  const others = [
    { ...key, network: 'other' },
    { ...key, containerID: 'c2' },
    { ...key, ifname: 'eth1' },
  ]
  t.equal(new Set([key, ...others].map(hostLinkName)).size, 4)
  // The parts are separated: moving a letter to the next part gives another attachment.
  t.not(hostLinkName({ ...key, containerID: 'c1e', ifname: 'th0' }), hostLinkName(key))
})

t.test('keys are equal if all three parts are', async (t) => {
  t.equal(isSameKey(key, { ...key }), true)
  t.equal(isSameKey(key, { ...key, ifname: 'eth1' }), false)
  t.equal(describeKey(key), 'c1 eth0 of network flatnet')
})

const record = requestFor('c1').makeRecord([prefix('10.87.1.10/24')], { ports: [], standby: [] })

t.test('a record can be written and read back, including unknown keys', async (t) => {
  t.same(parseAttachment(sortedJson(record)), record)
  t.same(parseAttachment(sortedJson({ ...record, later: { b: 1 } })), { ...record, later: { b: 1 } })
})

t.test('records are written with sorted keys and a final newline', async (t) => {
  t.equal(
    sortedJson({ b: { d: 1, c: [2, { f: 3, e: 4 }] }, a: 'x' }).replaceAll(/\s/g, ''),
    '{"a":"x","b":{"c":[2,{"e":4,"f":3}],"d":1}}',
  )
  t.ok(sortedJson(record).endsWith('}\n'))
})

// what is in the file, what is reported
const damaged: [string, string][] = [
  ['', 'the file is empty'],
  ['\0\0\0\0', 'not JSON'],
  [sortedJson(record).slice(0, 80), 'not JSON'],
  ['[]', 'not a JSON object'],
  ['null', 'not a JSON object'],
  ['{}', 'version undefined instead of 1'],
  [sortedJson({ ...record, version: 2 }), 'version 2 instead of 1'],
  [sortedJson({ ...record, phase: 'gone' }), 'phase: neither adding nor up'],
  [sortedJson({ ...record, containerID: 7 }), 'containerID: not a text'],
  [sortedJson({ ...record, netns: null }), 'netns: not an object'],
  [sortedJson({ ...record, netns: { ...record.netns, inode: 4 } }), 'netns.inode: not a text'],
  [sortedJson({ ...record, owner: [] }), 'owner: not an object'],
  [sortedJson({ ...record, owner: { pid: 1.5, startTime: '1' } }), 'owner.pid: not a whole number'],
  [sortedJson({ ...record, owner: { pid: 1 } }), 'owner.startTime: not a text'],
  [sortedJson({ ...record, starter: 1 }), 'starter: not an object'],
  [sortedJson({ ...record, addresses: '10.87.1.10/24' }), 'addresses: not a list'],
  [sortedJson({ ...record, addresses: ['10.87.1.10'] }), 'addresses: "10.87.1.10" is not ADDRESS/LENGTH'],
  [sortedJson({ ...record, zone: 0 }), 'zone: not a number from 1 to 65535'],
  [sortedJson({ ...record, zone: 65536 }), 'zone: not a number from 1 to 65535'],
]
for (const [text, problem] of damaged) {
  t.test(`a damaged record is recognized: ${problem}`, async (t) => {
    t.same(parseAttachment(text), { problem })
  })
}

t.test("a link's alias names its attachment, unless it is cut off or foreign", async (t) => {
  t.equal(linkAlias(key), 'flatnet/flatnet/c1/eth0')
  t.same(keyOfAlias(linkAlias(key)), key)
  const long = linkAlias({ ...key, containerID: 'c'.repeat(300) })
  t.equal(long.length, 255)
  for (const alias of ['', 'flatnet', 'flatnet/a/b', 'flatnet/a/b/c/d', 'other/a/b/c', long])
    t.equal(keyOfAlias(alias), undefined, alias.slice(0, 20))
})
