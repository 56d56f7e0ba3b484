// Items of the group SYS about forwarding, with real containers: what other programs change after the
// containers have started, its report and its repair.

import { existsSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { Report } from '../../../src/check/report.ts'
import { isBroken, isFine, saidBy } from '../../fixtures/host/check.ts'
import { addressOf, whyNoHost } from '../../fixtures/host/cni.ts'
import { BRIEFLY_S, pings } from '../../fixtures/host/netns.ts'
import { makeWholeHost } from '../../fixtures/host/whole.ts'

const skip = whyNoHost()
const noLegacy = existsSync('/usr/sbin/iptables-legacy') ? false : 'iptables is not installed'

t.test('faults that appear after containers have started are reported and repaired',
  { skip: skip || noLegacy }, async (t) => {
  const host = await makeWholeHost(t)
  const [one, two] = [await host.container(), await host.container()]
  await host.add(one)
  const containers = [one, two, addressOf(await host.add(two))] as const
  const sh = (line: string) => host.netns.exec(['sh', '-ec', line])
  await t.test('no fault with a container running', async (t) => isFine(t, await host.check()))

  // Shows the fault, repairs it, and shows that it is repaired.
  const repaired = async (t: Test, id: string): Promise<void> => {
    const trial = await host.check({}, '--fix', '--dry-run', '--only', id)
    t.match(trial, { dryRun: true, repairs: [{ ids: [id], undo: /./ }], roots: [id] })
    const after = await host.check({}, '--fix', '--only', id)
    t.match(after, { dryRun: false, repairs: [{ ids: [id] }], roots: [], exitCode: 0 })
  }

  await t.test('SYS-008: forwarding switched off', async (t) => {
    await sh('echo 0 >/proc/sys/net/ipv4/ip_forward')
    isBroken(t, await host.check(), 'SYS-008', /ip_forward = 0/)
    await repaired(t, 'SYS-008')
  })

  await t.test('SYS-008: forwarding switched off on one link', async (t) => {
    await sh('echo 0 >/proc/sys/net/ipv4/conf/flatnet0/forwarding')
    isBroken(t, await host.check(), 'SYS-008',
      /^fail flatnet0 net\.ipv4\.conf\.flatnet0\.forwarding = 0: packets from flatnet0 are dropped/)
    t.notOk(await pings(one, '10.87.2.10', BRIEFLY_S), 'nothing gets through')
    await repaired(t, 'SYS-008')
    t.ok(await pings(one, '10.87.2.10'))
  })

  await t.test('SYS-009: strict source checks', async (t) => {
    await sh('echo 1 >/proc/sys/net/ipv4/conf/nebula1/rp_filter')
    isBroken(t, await host.check(), 'SYS-009', /fail nebula1 rp_filter of nebula1 is 1/)
    await repaired(t, 'SYS-009')
  })

  await t.test('SYS-010: Docker set FORWARD to DROP', async (t) => {
    await sh("nft 'add table ip filter; add chain ip filter FORWARD " +
      "{ type filter hook forward priority 0; policy drop; }'")
    isBroken(t, await host.check(), 'SYS-010', /fail IPv4 .*does not accept flatnet0/)
    await repaired(t, 'SYS-010')
    isFine(t, await host.check())
    await sh('nft delete table ip filter')
  })

  await t.test('SYS-010: the printed undo of that repair undoes it', async (t) => {
    await sh('iptables -P FORWARD DROP')
    const { repairs } = (await host.check({}, '--fix', '--only',
      'SYS-010')) as unknown as { repairs: { undo: string }[] }
    isFine(t, await host.check())
    await sh(repairs[0]?.undo ?? 'false')
    isBroken(t, await host.check(), 'SYS-010', /fail IPv4 .*does not accept flatnet0/)
    await sh('nft delete table ip filter')
  })

  await t.test('SYS-010: only a chain that nothing jumps to accepts the traffic', async (t) => {
    await sh('iptables -P FORWARD DROP; iptables -N DOCKER-USER')
    for (const way of ['-i', '-o']) await sh(`iptables -A DOCKER-USER ${way} flatnet0 -j ACCEPT`)
    isBroken(t, await host.check(), 'SYS-010', /fail IPv4 .*FORWARD does not accept flatnet0/)
    await repaired(t, 'SYS-010')
    await sh('nft delete table ip filter')
  })

  // The printed commands, except those that only look.
  const doAsTold = async (report: Report): Promise<void> => {
    const next = report.items.find(({ id }) => id === 'SYS-010')?.findings[0]?.next ?? []
    for (const line of next.filter((each) => !each.startsWith('show it'))) await sh(line)
  }
  const OTHERS = [
    ['a custom ruleset',
      ['nft add table inet mine',
      "nft 'add chain inet mine way { type filter hook forward priority 0; policy drop; }'"],
      /fail inet mine way .*drops by default, and accepts nothing from flatnet0/,
      'nft delete table inet mine'],
    ['a last rule that rejects',
      ['iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
      'iptables -A FORWARD -j REJECT'], /fail ip filter FORWARD .*drops at the end, and accepts nothing/,
      'nft delete table ip filter'],
    ['iptables-legacy', ['iptables-legacy -P FORWARD DROP'],
      /fail iptables-legacy FORWARD .*drops by default/,
      'iptables-legacy -F; iptables-legacy -P FORWARD ACCEPT'],
    ['iptables-legacy, a last rule', ['iptables-legacy -A FORWARD -j REJECT'],
      /fail iptables-legacy FORWARD .*drops at the end/, 'iptables-legacy -F'],
  ] as const
  for (const [name, before, says, after] of OTHERS) {
    await t.test(`SYS-010: ${name}: the printed commands remove the fault`, async (t) => {
      const [one] = containers
      t.ok(await pings(one, '10.87.2.10'))
      for (const line of before) await sh(line)
      t.notOk(await pings(one, '10.87.2.10', BRIEFLY_S), 'nothing gets through')
      const report = await host.check()
      isBroken(t, report, 'SYS-010', says)
      t.equal(report.exitCode, 2)
      await doAsTold(report)
      t.ok(await pings(one, '10.87.2.10'), 'packets get through')
      isFine(t, await host.check())
      await sh(after)
    })
  }

  await t.test('SYS-010: rules that may accept the traffic are a warning', async (t) => {
    await sh("nft 'add table inet mine; " +
      'add chain inet mine way { type filter hook forward priority 0; policy drop; }; ' +
      "add rule inet mine way ip saddr 10.87.0.0/16 accept'")
    const report = await host.check()
    isBroken(t, report, 'SYS-010', /warn inet mine way .*depends on its rules/)
    t.equal(report.exitCode, 0, 'it is a warning')
    await sh('nft delete table inet mine')
  })

  await t.test('SYS-010: firewalld, whose policy accepts but whose last rule rejects', async (t) => {
    // firewalld 1.3's chains, shortened.
    const zones = (rule: string): string => `table inet firewalld {
      chain filter_FORWARD { type filter hook forward priority 10; policy accept;
        ct state { established, related } accept; ct status dnat accept; iifname "lo" accept;
        jump filter_FORWARD_ZONES; reject with icmpx admin-prohibited; }
      chain filter_FORWARD_ZONES { ${rule} goto filter_FWD_public; }
      chain filter_FWD_trusted { accept; }
      chain filter_FWD_public { meta l4proto { icmp, ipv6-icmp } counter; }
    }`
    const put = (rule: string): Promise<unknown> =>
      host.netns.exec(['nft', '-f', '-'],
      { input: zones(rule).replace('chain filter_FORWARD_ZONES',
      'chain filter_FWD_public { }\nchain filter_FWD_trusted { }\nchain filter_FORWARD_ZONES') })
    await put('')
    const report = await host.check()
    isBroken(t, report, 'SYS-010', /inet firewalld filter_FORWARD .*drops at the end/)
    t.match(report.items.find(({ id }) => id === 'SYS-010')?.findings[0]?.next?.[0],
      'firewall-cmd --permanent --zone=trusted --add-interface=flatnet0')
    await sh('nft delete table inet firewalld')
    await put('iifname "flatnet0" goto filter_FWD_trusted;')
    isFine(t, await host.check())
    await sh('nft delete table inet firewalld')
  })

  await t.test('SYS-011: containers of one host behind br_netfilter', async (t) => {
    const [one, , address] = containers
    const calls = '/proc/sys/net/bridge/bridge-nf-call-iptables'
    await sh(`echo 1 >${calls}; iptables -P FORWARD DROP`)
    t.notOk(await pings(one, address, BRIEFLY_S), 'containers cannot reach each other')
    const report = await host.check()
    isBroken(t, report, 'SYS-010', /FORWARD does not accept flatnet0/)
    t.match(saidBy(report, 'SYS-011'), /^fail .*bridge-nf-call-iptables = 1, and ip filter FORWARD drops/)
    await sh(`echo 0 >${calls}`)
    t.ok(await pings(one, address), 'they can without br_netfilter')
    t.match(saidBy(await host.check(), 'SYS-011'), /^ok /)
    await sh(`echo 1 >${calls}`)
    await host.check({}, '--fix', '--only', 'SYS-010')
    t.ok(await pings(one, address), 'they can after the repair')
    isFine(t, await host.check())
    await sh('nft delete table ip filter')
  })
}) // prettier-ignore

t.test("SYS-013: too small a backlog for the bridge's ports is reported", { skip }, async (t) => {
  const host = await makeWholeHost(t)
  await host.add(await host.container())
  isFine(t, await host.check())
  const ports = Array.from({ length: 810 }, (_, index) => String(index))
  await host.netns.batch(ports.map((each) =>
    `link add name p${each} master flatnet0 type veth peer name q${each}`))
  isBroken(t, await host.check(), 'SYS-013',
    /warn .*811 ports on flatnet0, net\.core\.netdev_max_backlog = 1000/)
}) // prettier-ignore
