// scripts/uninstall.sh on a host of its own after scripts/install.sh.

import { existsSync, readlinkSync, rmSync } from 'node:fs'
import t from 'tap'
import { COMMAND, CONFLIST, EXTRAS, makeHost, PROGRAM, put, skip } from '../../fixtures/host/install.ts'

t.test('uninstalling keeps the state, and removes it with --purge', { skip }, (t) => {
  const host = makeHost(t)
  t.equal(host.run('install.sh').status, 0)
  put(host, '/var/lib/flatnet/history/10.86.2.1.jsonl', '')
  put(host, '/etc/flatnet/flatnet.json', '{}')
  t.equal(host.run('uninstall.sh', '--dry-run').status, 0)
  t.ok(existsSync(host.at(PROGRAM)), 'a dry run changes nothing')

  const first = host.run('uninstall.sh')
  t.equal(first.status, 0, first.output)
  for (const path of [PROGRAM, '/opt/cni/bin/flatnet-ipam', '/opt/cni/bin/agent-wsl.sh', CONFLIST, ...EXTRAS])
    t.notOk(existsSync(host.at(path)), path)
  t.throws(() => readlinkSync(host.at(COMMAND)), { code: 'ENOENT' })
  t.ok(existsSync(host.at('/var/lib/flatnet/history')))
  t.equal(host.run('uninstall.sh', '--purge').status, 0)
  t.notOk(existsSync(host.at('/var/lib/flatnet')))
  t.ok(existsSync(host.at('/etc/flatnet/flatnet.json')), 'files that people wrote stay')
  t.end()
})

t.test('it refuses while containers are attached, and keeps an edited conflist', { skip }, (t) => {
  const host = makeHost(t)
  t.equal(host.run('install.sh').status, 0)
  put(host, CONFLIST, '{ "changed": true, "plugins": [{ "type": "flatnet-cni" }] }')
  put(host, '/var/lib/cni/flatnet/attachments/flatnet/abc:eth0', '{}')
  const refused = host.run('uninstall.sh')
  t.equal(refused.status, 1)
  t.match(refused.output, '1 attachments remain')
  t.ok(existsSync(host.at(PROGRAM)))
  rmSync(host.at('/var/lib/cni/flatnet'), { recursive: true })
  const done = host.run('uninstall.sh')
  t.equal(done.status, 0, done.output)
  t.ok(existsSync(host.at(CONFLIST)))
  t.match(done.output, `${CONFLIST} was edited and stays`)
  t.equal(host.run('uninstall.sh', '--nonsense').status, 1)
  t.end()
})

const RULES = `
add table ip filter
add chain ip filter DOCKER-USER
add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }
add rule ip filter FORWARD iifname br7 counter accept comment "flatnet"
add rule ip filter FORWARD oifname br7 counter accept comment "flatnet"
add rule ip filter FORWARD iifname docker0 accept comment "not flatnet's"
add rule ip filter DOCKER-USER iifname br7 counter accept comment "flatnet"
add table ip flatnet
add chain ip flatnet x
add table ip6 flatnet_drill
add table ip flatnet_drill_seen
`

t.test('uninstalling removes rules from other tables, and follows the settings', { skip }, (t) => {
  const host = makeHost(t)
  t.equal(host.run('install.sh').status, 0)
  put(host, '/etc/rules.nft', RULES)
  const settings = {
    bridge: 'br7',
    stateDir: '/var/s/flatnet',
    runDir: '/run/shared',
    agent: { dataDir: '/var/d-flatnet' },
  }
  put(host, '/etc/flatnet/flatnet.json', JSON.stringify(settings))
  for (const path of ['/var/s/flatnet/leases/x', '/var/d-flatnet/x', '/run/shared/x']) put(host, path, '')
  put(host, '/var/s/flatnet/attachments/flatnet/abc:eth0', '{}')
  const refused = host.run('uninstall.sh')
  t.match(refused.output, '1 attachments remain')
  rmSync(host.at('/var/s/flatnet/attachments'), { recursive: true })

  const { status, output } = host.shell(`
    nft -f /etc/rules.nft
    ip link add br7 type bridge
    $root/scripts/uninstall.sh --purge
    echo "what is left:"
    nft list ruleset
    ip -brief link show type bridge`)
  t.equal(status, 0, output)
  const [, left = ''] = output.split('what is left:')
  t.notMatch(left, /comment "flatnet"|table \S+ flatnet|br7/)
  t.match(left, `comment "not flatnet's"`)
  for (const path of ['/var/s/flatnet', '/var/d-flatnet']) t.notOk(existsSync(host.at(path)), path)
  t.ok(existsSync(host.at('/run/shared/x')), 'a folder that other programs may use stays')
  t.match(output, '/run/shared stays')
  t.end()
})

t.test('unreadable settings stop it before it removes anything', { skip }, (t) => {
  const host = makeHost(t)
  t.equal(host.run('install.sh').status, 0)
  put(host, '/etc/flatnet/flatnet.json', '{ "stateDir": "/var/mine", "nonsense": 1 }')
  const { status, output } = host.run('uninstall.sh')
  t.equal(status, 1)
  t.match(output, /nonsense[^]*correct \/etc\/flatnet\/flatnet\.json/)
  t.ok(existsSync(host.at(PROGRAM)))
  t.end()
})
