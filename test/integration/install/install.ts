// scripts/install.sh on a host of its own.

import { existsSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  COMMAND,
  CONFLIST,
  EXTRAS,
  makeHost,
  PROGRAM,
  put,
  ROOT,
  skip,
  UNIT,
} from '../../fixtures/host/install.ts'

t.test('without systemd: program, links, configuration and the line for WSL', { skip }, (t) => {
  const host = makeHost(t)
  const rehearsal = host.run('install.sh', '--dry-run')
  t.equal(rehearsal.status, 0, rehearsal.output)
  t.match(rehearsal.output, PROGRAM)
  t.notOk(existsSync(host.at('/opt/cni')), 'a dry run changes nothing')

  const first = host.run('install.sh')
  t.equal(first.status, 0, first.output)
  t.equal(statSync(host.at(PROGRAM)).mode & 0o777, 0o755)
  t.equal(readlinkSync(host.at('/opt/cni/bin/flatnet-ipam')), 'flatnet-cni')
  t.equal(readlinkSync(host.at('/usr/lib/cni/flatnet-cni')), PROGRAM)
  t.equal(readlinkSync(host.at(COMMAND)), PROGRAM)
  for (const path of EXTRAS) t.ok(existsSync(host.at(path)), path)
  t.same(readFileSync(host.at(CONFLIST)), readFileSync(join(ROOT, 'conflist/10-flatnet.conflist')))
  t.match(first.output, 'command = /opt/cni/bin/agent-wsl.sh start')
  t.notOk(existsSync(host.at(UNIT)), 'no unit without systemd')

  const again = host.run('install.sh')
  t.equal(again.status, 0, again.output)
  t.notMatch(again.output, /^ {2}\w/m, 'the second run has nothing to do')
  t.end()
})

t.test('a configuration that already names the plugin is left alone', { skip }, (t) => {
  const host = makeHost(t)
  put(host, '/etc/cni/net.d/99-mine.conflist', '{ "plugins": [{ "type": "flatnet-cni" }] }')
  const { status, output } = host.run('install.sh')
  t.equal(status, 0, output)
  t.match(output, '99-mine.conflist')
  t.notOk(existsSync(host.at(CONFLIST)))
  t.end()
})

t.test('with systemd: the unit, enabled, and started once there is a certificate', { skip }, (t) => {
  const host = makeHost(t)
  put(host, '/run/systemd/system/x', '')
  const asked = (): string => readFileSync(host.at('/run/systemctl.log'), 'utf8')
  const first = host.run('install.sh')
  t.equal(first.status, 0, first.output)
  t.same(readFileSync(host.at(UNIT)), readFileSync(join(ROOT, 'scripts/flatnet-agent.service')))
  t.match(asked(), /daemon-reload[^]*enable flatnet-agent/)
  t.notMatch(asked(), 'restart')
  t.match(first.output, 'flatnet-cni join FILE')
  put(host, '/etc/nebula/host.crt', 'a certificate')
  t.equal(host.run('install.sh').status, 0)
  t.match(asked(), 'restart flatnet-agent')

  const gone = host.run('uninstall.sh')
  t.equal(gone.status, 0, gone.output)
  t.match(asked(), 'disable --now flatnet-agent')
  t.notOk(existsSync(host.at(UNIT)))
  t.end()
})

t.test('a full disk leaves the working executable', { skip }, (t) => {
  const host = makeHost(t)
  const { output } = host.shell(`
    exec 2>&1
    mount -t tmpfs -o size=1m none /opt
    mkdir -p /opt/cni/bin
    echo 'the earlier one' >${PROGRAM}
    $root/scripts/install.sh && echo 'it said that all went well'
    cat ${PROGRAM}
    ls /opt/cni/bin`)
  t.match(output, /install: cannot write .*flatnet-cni; it is unchanged/)
  t.notMatch(output, 'it said that all went well')
  t.match(output, /^the earlier one\nflatnet-cni\n$/m, 'no partial file is left')
  t.end()
})

t.test('files that are not ours stay', { skip }, (t) => {
  const host = makeHost(t)
  put(host, '/opt/cni/bin/flatnet-ipam', 'mine')
  mkdirSync(host.at('/usr/local/bin'), { recursive: true })
  symlinkSync('/home/me/flatnet-cni', host.at(COMMAND))
  for (const script of ['install.sh', 'uninstall.sh']) {
    const { status, output } = host.run(script)
    t.equal(status, 0, output)
    t.equal(readlinkSync(host.at(COMMAND)), '/home/me/flatnet-cni')
    t.equal(readFileSync(host.at('/opt/cni/bin/flatnet-ipam'), 'utf8'), 'mine')
  }
  t.end()
})
