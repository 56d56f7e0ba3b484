import t from 'tap'
import type { AttachmentRecord } from '../../../src/net/attachment.ts'
import { askPorts, renderAllPorts, renderPublish, renderWithdraw } from '../../../src/net/port-elements.ts'
import type { PortMapping } from '../../../src/net/port-mapping.ts'
import { prefix } from '../../fixtures/addresses.ts'
import { requestFor } from '../../fixtures/attachments.ts'

function record(since: string, addresses: string[], ...ports: PortMapping[]): AttachmentRecord {
  return { ...requestFor('c1').makeRecord(addresses.map(prefix), ports), ports, since }
}
const WEB = { protocol: 'tcp', hostPort: 8080, containerPort: 80 } as const

t.test('a port is an element in the maps of the families of its address', async (t) => {
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

t.test('withdrawing adds first, so that another’s port makes the kernel refuse it', async (t) => {
  t.equal(
    renderWithdraw(record('1', ['10.87.1.10/24'], WEB)),
    'add element ip flatnet ports { tcp . 8080 : 10.87.1.10 . 80 }\n' +
      'delete element ip flatnet ports { tcp . 8080 }\n',
  )
})

t.test('of two that claim one port the earlier has it', async (t) => {
  const [early, late] = [record('1', ['10.87.1.10/24'], WEB), record('2', ['10.87.1.11/24'], WEB)]
  t.equal(
    renderAllPorts([4], [late, early]),
    'flush map ip flatnet ports\nflush map ip flatnet ports-at\n' +
      'add element ip flatnet ports { tcp . 8080 : 10.87.1.10 . 80 }\n',
  )
})

t.test('one question per map', async (t) => {
  t.same(askPorts(record('1', ['10.87.1.10/24'], WEB, { ...WEB, hostPort: 8081 })), [
    {
      text: 'get element ip flatnet ports { tcp . 8080, tcp . 8081 }\n',
      expected: ['tcp . 8080 : 10.87.1.10 . 80', 'tcp . 8081 : 10.87.1.10 . 80'],
    },
  ])
})
