import t from 'tap'
import type { AttachmentRecord } from '../../../../src/net/attachment.ts'
import {
  askPorts,
  renderAllPorts,
  renderPublish,
  renderWithdraw,
} from '../../../../src/net/ports/elements.ts'
import type { PortMapping } from '../../../../src/net/ports/mapping.ts'
import { prefix } from '../../../fixtures/addresses.ts'
import { requestFor } from '../../../fixtures/state/attachments.ts'

function record(since: string, addresses: string[], ...ports: PortMapping[]): AttachmentRecord {
  return { ...requestFor('c1').makeRecord(addresses.map(prefix), { ports, standby: [] }), ports, since }
}
const WEB = { protocol: 'tcp', hostPort: 8080, containerPort: 80 } as const

t.test("a port is an element in the maps of its address's families", async (t) => {
  const dual = ['10.87.1.10/24', 'fd87:0:0:1::a/64']
  t.equal(
    renderPublish(record('1', dual, WEB, { ...WEB, protocol: 'udp', hostIp: '127.0.0.1' })),
    [
      'add element ip flatnet ports { tcp . 8080 : 10.87.1.10 . 80 }\n',
      'add element ip flatnet ports-at { 127.0.0.1 . udp . 8080 : 10.87.1.10 . 80 }\n',
      'add element ip6 flatnet ports { tcp . 8080 : fd87:0:0:1::a . 80 }\n',
    ].join(''),
  )
  t.equal(renderPublish(record('1', ['10.87.1.10/24'], { ...WEB, hostIp: '::' })), '')
})

t.test('all elements of a map are one statement, whether added or deleted', async (t) => {
  const more = record('1', ['10.87.1.10/24'], WEB, { ...WEB, hostPort: 8081 })
  const add = 'add element ip flatnet ports { tcp . 8080 : 10.87.1.10 . 80, tcp . 8081 : 10.87.1.10 . 80 }\n'
  t.equal(renderPublish(more), add)
  t.equal(renderAllPorts([4], [more]).split('\n').at(-2), add.trim())
  t.equal(renderWithdraw(more), `${add}delete element ip flatnet ports { tcp . 8080, tcp . 8081 }\n`)
})

t.test('with a zone, connections and ICMP errors about them are in it', async (t) => {
  const dns = { ...WEB, protocol: 'udp', hostIp: '192.168.77.10' } as const
  const zoned = { ...record('1', ['10.87.1.10/24'], WEB, dns), zone: 7 }
  t.equal(
    renderPublish(zoned),
    [
      'add element ip flatnet ports { tcp . 8080 : 10.87.1.10 . 80 }\n',
      'add element ip flatnet zones { tcp . 8080 : 7 }\n',
      'add element ip flatnet errors { 6 . 8080 : 7 }\n',
      'add element ip flatnet ports-at { 192.168.77.10 . udp . 8080 : 10.87.1.10 . 80 }\n',
      'add element ip flatnet zones-at { 192.168.77.10 . udp . 8080 : 7 }\n',
      'add element ip flatnet errors-at { 192.168.77.10 . 17 . 8080 : 7 }\n',
    ].join(''),
  )
  t.match(renderWithdraw(zoned), 'delete element ip flatnet errors-at { 192.168.77.10 . 17 . 8080 }\n')
  const [early, late] = [{ ...zoned, since: '0' }, zoned]
  t.equal(renderAllPorts([4], [late, early]).match(/add element/g)?.length, 6, 'each of them once')
})

t.test('withdrawing adds first, so that the kernel refuses it if the port is another’s', async (t) => {
  t.equal(
    renderWithdraw(record('1', ['10.87.1.10/24'], WEB)),
    'add element ip flatnet ports { tcp . 8080 : 10.87.1.10 . 80 }\n' +
      'delete element ip flatnet ports { tcp . 8080 }\n',
  )
})

t.test('of two claims on one port the earlier wins', async (t) => {
  const [early, late] = [record('1', ['10.87.1.10/24'], WEB), record('2', ['10.87.1.11/24'], WEB)]
  t.equal(
    renderAllPorts([4], [late, early]),
    ['ports', 'ports-at', 'zones', 'zones-at', 'errors', 'errors-at']
      .map((map) => `flush map ip flatnet ${map}\n`)
      .join('') + 'add element ip flatnet ports { tcp . 8080 : 10.87.1.10 . 80 }\n',
  )
})

t.test('one query per map', async (t) => {
  t.same(askPorts(record('1', ['10.87.1.10/24'], WEB, { ...WEB, hostPort: 8081 })), [
    {
      text: 'get element ip flatnet ports { tcp . 8080, tcp . 8081 }\n',
      expected: ['tcp . 8080 : 10.87.1.10 . 80', 'tcp . 8081 : 10.87.1.10 . 80'],
    },
  ])
})
