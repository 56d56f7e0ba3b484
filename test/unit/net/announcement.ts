import t from 'tap'
import { planAnnouncements, planHostNeighbours } from '../../../src/net/announcement.ts'
import { prefix } from '../../fixtures/addresses.ts'

const both = [prefix('10.87.1.10/24'), prefix('fd87:0:0:1::a/64')]
const text = (commands: readonly (readonly string[])[]) => commands.map((command) => command.join(' '))

t.test('the host learns the MAC of each address', async (t) => {
  t.same(text(planHostNeighbours('flatnet0', '0a:58:0a:57:01:0a', both)), [
    'neighbour replace 10.87.1.10 lladdr 0a:58:0a:57:01:0a dev flatnet0 nud stale',
    'neighbour replace fd87:0:0:1::a lladdr 0a:58:0a:57:01:0a dev flatnet0 nud stale',
  ])
})

t.test('the container announces its IPv4 addresses by broadcast ARP requests', async (t) => {
  t.same(text(planAnnouncements('eth0', both)), [
    'neighbour replace 10.87.1.10 lladdr ff:ff:ff:ff:ff:ff dev eth0 nud probe',
  ])
})
