// Other hosts' answers about their containers are checked before use.
import t from 'tap'
import { isContainerView } from '../../../src/views/containers.ts'

const GOOD = {
  host: 'host-b',
  id: 'c1',
  names: ['web'],
  network: 'flatnet',
  ifname: 'eth0',
  addresses: ['10.87.2.10'],
  ports: [{ protocol: 'tcp', hostPort: 80, containerPort: 80, hostIp: null }],
  since: '2026-01-01T00:00:00Z',
  state: 'up',
}

t.test('a container is told apart from what only looks like one', async (t) => {
  t.ok(isContainerView(GOOD))
  t.ok(isContainerView({ ...GOOD, ports: [], names: [], more: 1 }), 'fields may be added')
  const bad: [string, unknown][] = [
    ['nothing', null],
    ['a string', 'x'],
    ['no ID', { ...GOOD, id: undefined }],
    ['names', { ...GOOD, names: 'web' }],
    ['a name', { ...GOOD, names: [1] }],
    ['an address', { ...GOOD, addresses: [null] }],
    ['a port', { ...GOOD, ports: [{ protocol: 'tcp' }] }],
    ['a protocol', { ...GOOD, ports: [{ ...GOOD.ports[0], protocol: 'icmp' }] }],
    ['a state', { ...GOOD, state: 'gone' }],
  ]
  for (const [name, value] of bad) t.notOk(isContainerView(value), name)
})
