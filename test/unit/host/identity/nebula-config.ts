import { join } from 'node:path'
import t from 'tap'

import { loadNebulaConfig } from '../../../../src/host/identity/nebula-config.ts'

t.test('one file, a folder of files, and JSON are read', (t) => {
  const folder = t.testdir({
    'config.yml': 'tun: {mtu: 1300}\npunchy:\n  punch: yes\n',
    'config.json': JSON.stringify({ tun: { mtu: 1400 } }),
    'anchors.yml': 'base: &base {dev: nebula1}\ntun:\n  <<: *base\n  mtu: 1300\n',
    'two.yml': 'tun: {mtu: 1300}\n---\ntun: {mtu: 1}\n',
    'empty.yml': '# nothing yet\n',
    'config.d': {
      '10-base.yml': 'tun: {mtu: 1300, dev: neb0}\nfirewall:\n  inbound:\n    - {port: 1, proto: any}\n',
      '20-own.yaml': 'tun: {mtu: 1280}\nfirewall:\n  inbound:\n    - {port: 2, proto: any}\n',
      more: { '30.yml': 'listen: {port: 4243}\n' },
      'README.txt': 'no yaml: [',
    },
  })
  const load = (name: string) => {
    const config = loadNebulaConfig(join(folder, name))
    t.equal(config.state, 'read', name)
    t.same(config.problems, [], name)
    return config
  }
  t.match(load('config.yml').facts, { tun: { mtu: 1300 }, punchy: { punch: true } })
  t.equal(load('config.json').facts.tun.mtu, 1400)
  t.match(load('anchors.yml').facts.tun, { dev: 'nebula1', mtu: 1300 })
  t.equal(load('two.yml').facts.tun.mtu, 1300, 'the first document counts')
  t.equal(load('empty.yml').facts.tun.mtu, undefined)
  const merged = load('config.d')
  t.same(
    merged.files.map((path) => path.slice(folder.length)),
    ['/config.d/10-base.yml', '/config.d/20-own.yaml', '/config.d/more/30.yml'],
  )
  t.match(merged.facts, { tun: { mtu: 1280, dev: 'neb0' }, listen: { port: 4243 } })
  t.same(
    merged.facts.firewall.inbound.map(({ port }) => port),
    ['2', '1'],
  )
  t.end()
})

t.test('an absent or damaged configuration is reported and gives empty facts', (t) => {
  const laughs = ['a: &a [x,x,x,x,x,x,x,x,x]']
  for (let index = 1; index < 9; index++) {
    const [name, before] = ['abcdefghij'[index], 'abcdefghij'[index - 1]].map(String)
    laughs.push(
      `${String(name)}: &${String(name)} [${Array(9)
        .fill(`*${String(before)}`)
        .join(',')}]`,
    )
  }
  const folder = t.testdir({
    'open.yml': 'pki: [',
    'tabs.yml': 'pki:\n\tca: x\n',
    'twice.yml': 'tun: {mtu: 1}\ntun: {mtu: 2}\n',
    'circle.yml': 'tun: &a\n  dev: *a\n',
    'laughs.yml': laughs.join('\n'),
    'deep.yml': '['.repeat(100_000),
    'binary.yml': Buffer.from([0, 1, 2, 255, 254]).toString('latin1'),
    'empty.d': {},
    'broken.d': { '1.yml': 'tun: {mtu: 1300}', '2.yml': '}' },
  })
  for (const name of [
    'open.yml',
    'tabs.yml',
    'twice.yml',
    'circle.yml',
    'laughs.yml',
    'deep.yml',
    'binary.yml',
    'broken.d',
  ]) {
    const config = loadNebulaConfig(join(folder, name))
    t.equal(config.state, 'damaged', name, { config })
    t.equal(config.facts.tun.mtu, undefined, name)
    t.match(
      config.problems,
      [new RegExp(`${name === 'broken.d' ? '2.yml' : name}: (is not YAML|has NUL bytes)`)],
      name,
    )
  }
  for (const name of ['nothing.yml', 'empty.d']) {
    const config = loadNebulaConfig(join(folder, name))
    t.equal(config.state, 'absent', name)
    t.match(config.problems, [/no such file; set its path/], name)
  }
  t.equal(loadNebulaConfig('/dev/zero').state, 'damaged', 'a device is not read')
  t.end()
})

t.test('values of the wrong type are problems, but the file is read', (t) => {
  const folder = t.testdir({ 'config.yml': 'tun: {mtu: large}\nlighthouse: {hosts: [10.86.0.1]}\n' })
  const config = loadNebulaConfig(join(folder, 'config.yml'))
  t.equal(config.state, 'read')
  t.same(config.facts.lighthouse.hosts, ['10.86.0.1'])
  t.match(config.problems, [/config\.yml: tun\.mtu: must be a whole number/])
  t.end()
})
