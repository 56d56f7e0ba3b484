// scripts/install.sh and scripts/uninstall.sh on a host of their own: mounts and network are private, and its /etc, /opt, /run
// and /var begin empty. Where the host has systemd, a program of that name writes down what it is asked.

import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'

const ROOT = join(import.meta.dirname, '../..')
const skip =
  process.platform !== 'linux' || process.getuid?.() !== 0 ? 'needs root on Linux' : (false as const)

// Folders of the host, and what is mounted over them.
const FOLDERS = { '/etc': 'etc', '/opt': 'opt', '/run': 'run', '/var': 'var', '/usr/lib/cni': 'cni' }

interface TestHost {
  /** Where a file of the host is, seen from the test. */
  readonly at: (path: string) => string
  readonly run: (script: string, ...args: readonly string[]) => { status: number | null; output: string }
}

function makeHost(t: Test): TestHost {
  const root = t.testdir({ etc: {}, opt: {}, run: {}, var: {}, cni: {}, bin: {} })
  mkdirSync('/usr/lib/cni', { recursive: true })
  const mounts = Object.entries(FOLDERS).map(([path, name]) => `mount --bind ${root}/${name} ${path}`)
  const systemctl = `#!/bin/sh\necho "$*" >>/run/systemctl.log\ncase $1 in is-*) exit 1 ;; esac\n`
  writeFileSync(join(root, 'bin/systemctl'), systemctl)
  chmodSync(join(root, 'bin/systemctl'), 0o755)
  return {
    at: (path) => {
      const found = Object.entries(FOLDERS).find(([folder]) => path.startsWith(`${folder}/`))
      return found === undefined ? path : join(root, found[1], path.slice(found[0].length))
    },
    run: (script, ...args) => {
      const shell = `set -e; ${mounts.join('; ')}; ip link set lo up; exec "$@"`
      const inside = ['sh', '-c', shell, 'sh', `${ROOT}/scripts/${script}`, ...args]
      const { status, stdout, stderr } = spawnSync('unshare', ['--mount', '--net', ...inside], {
        encoding: 'utf8',
        timeout: 60_000,
        env: { PATH: `${root}/bin:/usr/sbin:/usr/bin:/sbin:/bin` },
      })
      return { status, output: `${stdout}${stderr}` }
    },
  }
}

function put(host: TestHost, path: string, text: string): void {
  mkdirSync(dirname(host.at(path)), { recursive: true })
  writeFileSync(host.at(path), text)
}

const PROGRAM = '/opt/cni/bin/flatnet-cni'
const CONFLIST = '/etc/cni/net.d/10-flatnet.conflist'
const UNIT = '/etc/systemd/system/flatnet-agent.service'

t.test('without systemd: program, links, configuration and the line for WSL', { skip }, (t) => {
  const host = makeHost(t)
  const rehearsal = host.run('install.sh', '--dry-run')
  t.equal(rehearsal.status, 0, rehearsal.output)
  t.match(rehearsal.output, PROGRAM)
  t.notOk(existsSync(host.at('/opt/cni')), 'a rehearsal changes nothing')

  const first = host.run('install.sh')
  t.equal(first.status, 0, first.output)
  t.equal(statSync(host.at(PROGRAM)).mode & 0o777, 0o755)
  t.equal(readlinkSync(host.at('/opt/cni/bin/flatnet-ipam')), 'flatnet-cni')
  t.equal(readlinkSync(host.at('/usr/lib/cni/flatnet-cni')), PROGRAM)
  t.same(readFileSync(host.at(CONFLIST)), readFileSync(join(ROOT, 'conflist/10-flatnet.conflist')))
  t.match(first.output, 'command = /opt/cni/bin/agent-wsl.sh start')
  t.notOk(existsSync(host.at(UNIT)), 'no unit where there is no systemd')

  const again = host.run('install.sh')
  t.equal(again.status, 0, again.output)
  t.notMatch(again.output, /^ {2}\w/m, 'the second time nothing is left to do')
  t.end()
})

t.test('a configuration that names the plugin already is left alone', { skip }, (t) => {
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
  t.match(first.output, 'systemctl start flatnet-agent')
  put(host, '/etc/nebula/host.crt', 'a certificate')
  t.equal(host.run('install.sh').status, 0)
  t.match(asked(), 'restart flatnet-agent')

  const gone = host.run('uninstall.sh')
  t.equal(gone.status, 0, gone.output)
  t.match(asked(), 'disable --now flatnet-agent')
  t.notOk(existsSync(host.at(UNIT)))
  t.end()
})

t.test('uninstalling leaves the state, and takes it with --purge', { skip }, (t) => {
  const host = makeHost(t)
  t.equal(host.run('install.sh').status, 0)
  put(host, '/var/lib/flatnet/history/10.86.2.1.jsonl', '')
  put(host, '/etc/flatnet/flatnet.json', '{}')
  t.equal(host.run('uninstall.sh', '--dry-run').status, 0)
  t.ok(existsSync(host.at(PROGRAM)), 'a rehearsal changes nothing')

  const first = host.run('uninstall.sh')
  t.equal(first.status, 0, first.output)
  for (const path of [PROGRAM, '/opt/cni/bin/flatnet-ipam', '/opt/cni/bin/agent-wsl.sh', CONFLIST])
    t.notOk(existsSync(host.at(path)), path)
  t.ok(existsSync(host.at('/var/lib/flatnet/history')))
  t.equal(host.run('uninstall.sh', '--purge').status, 0)
  t.notOk(existsSync(host.at('/var/lib/flatnet')))
  t.ok(existsSync(host.at('/etc/flatnet/flatnet.json')), 'what people wrote stays')
  t.end()
})

t.test('it refuses while containers are attached, and keeps a conflist that was changed', { skip }, (t) => {
  const host = makeHost(t)
  t.equal(host.run('install.sh').status, 0)
  put(host, CONFLIST, '{ "changed": true, "plugins": [{ "type": "flatnet-cni" }] }')
  put(host, '/var/lib/cni/flatnet/attachments/flatnet/abc:eth0', '{}')
  const refused = host.run('uninstall.sh')
  t.equal(refused.status, 1)
  t.match(refused.output, '1 attachments are left')
  t.ok(existsSync(host.at(PROGRAM)))
  rmSync(host.at('/var/lib/cni/flatnet'), { recursive: true })
  const done = host.run('uninstall.sh')
  t.equal(done.status, 0, done.output)
  t.ok(existsSync(host.at(CONFLIST)))
  t.match(done.output, `${CONFLIST} was changed and stays`)
  t.equal(host.run('uninstall.sh', '--nonsense').status, 1)
  t.end()
})
