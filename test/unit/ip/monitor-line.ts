import t from 'tap'
import { type KernelNotice, parseMonitorLine } from '../../../src/ip/monitor-line.ts'

// Lines of iproute2 6.1.
const lines: [string, KernelNotice][] = [
  [
    '[LINK]3: nebula1@x: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default ' +
      '\\    link/ether da:fd:9e:93:c7:24 brd ff:ff:ff:ff:ff:ff',
    { kind: 'changed' },
  ],
  [
    '[LINK]7: nebula1: <POINTOPOINT,MULTICAST,NOARP,UP,LOWER_UP> mtu 1300 qdisc pfifo_fast state UNKNOWN ' +
      'group default qlen 500\\    link/none ',
    { kind: 'changed' },
  ],
  [
    '[LINK]3: nebula1@x: <NO-CARRIER,BROADCAST,MULTICAST,UP,M-DOWN> mtu 1500 qdisc noqueue state ' +
      'LOWERLAYERDOWN group default \\    link/ether da:fd:9e:93:c7:24 brd ff:ff:ff:ff:ff:ff',
    { kind: 'changed' },
  ],
  [
    '[LINK]3: nebula1@NONE: <BROADCAST,MULTICAST> mtu 1500 qdisc noqueue state DOWN group default \\    ' +
      'link/ether da:fd:9e:93:c7:24 brd ff:ff:ff:ff:ff:ff',
    { kind: 'changed' },
  ],
  [
    '[LINK]Deleted 3: nebula1@NONE: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN group default ' +
      '\\    link/ether da:fd:9e:93:c7:24 brd ff:ff:ff:ff:ff:ff',
    { kind: 'link-gone', dev: 'nebula1' },
  ],
  [
    '[ADDR]3: nebula1    inet 10.86.1.1/16 scope global nebula1\\       valid_lft forever preferred_lft ' +
      'forever',
    { kind: 'changed' },
  ],
  [
    '[ADDR]Deleted 3: nebula1    inet6 fe80::d8fd:9eff:fe93:c724/64 scope link tentative \\       ' +
      'valid_lft forever preferred_lft forever',
    { kind: 'changed' },
  ],
  ['[ROUTE]10.87.2.0/24 via 10.86.2.1 dev nebula1 proto 77 metric 100 ', { kind: 'changed' }],
  ['[ROUTE]Deleted 10.87.2.0/24 via 10.86.2.1 dev nebula1 proto 77 metric 100 ', { kind: 'changed' }],
  ['[ROUTE]unreachable 10.87.0.0/16 proto 77 ', { kind: 'changed' }],
  ['[ROUTE]10.86.0.0/16 dev nebula1 proto kernel scope link src 10.86.1.1 ', { kind: 'changed' }],
  ['[ROUTE]10.9.0.0/16 dev eth0 proto 770 ', { kind: 'changed' }],
  ['', { kind: 'other' }],
  ['netlink receive error No buffer space available (105)', { kind: 'other' }],
]
for (const [line, expected] of lines) {
  t.test(`${JSON.stringify(expected)}: ${line.slice(0, 60)}`, async (t) => {
    t.same(parseMonitorLine(line), expected)
  })
}
