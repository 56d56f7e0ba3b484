// The support archive of a host with containers and with Nebula's configuration, keys included.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { addressOf, whyNoHost } from '../../fixtures/host/cni.ts'
import { makeHost } from '../../fixtures/host/host.ts'

const skip = whyNoHost()
const SECRET = 'bm90IGEgc2VjcmV0IGFueSBtb3Jl'
const KEY = `-----BEGIN NEBULA X25519 PRIVATE KEY-----\n${SECRET}\n-----END NEBULA X25519 PRIVATE KEY-----\n`

/** Returns all files of an archive as one text, each after its name. */
function unpacked(file: string): string {
  return execFileSync('tar', ['xzf', file, '--to-command=echo "== $TAR_FILENAME"; cat; echo'], {
    encoding: 'utf8',
  })
}

t.test('flatnet-cni bundle', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const result = await host.add(container, { conf: { runtimeConfig: { aliases: { flatnet: ['shop'] } } } })
  const config = join(host.folder, 'config.yml')
  const indented = KEY.replaceAll('\n', '\n    ')
  writeFileSync(
    config,
    `# comment of taro\npki:\n  key: |\n    ${indented}\n` +
      `static_host_map:\n  "10.86.0.1": ["light.example.org:4242"]\n`,
  )
  writeFileSync(join(host.peers, 'zz-mistake.pem'), KEY)
  mkdirSync(join(host.folder, 'out'))
  const base = host.conf()['nebula'] as object
  const settings = { nebula: { ...base, config } }
  const bundle = async (name: string, ...args: string[]) => {
    const file = join(host.folder, 'out', name)
    const said = await host.cli(['bundle', '-o', file, ...args], settings)
    t.equal(said.exitCode, 0, said.stderr)
    return { ...said, file }
  }

  await t.test('contains everything except private keys', async (t) => {
    const { file, stdout } = await bundle('a.tar.gz')
    t.match(stdout, /a\.tar\.gz: \d+ files.*\nPrivate keys are left out/)
    t.equal(statSync(file).mode & 0o777, 0o600)
    const all = unpacked(file)
    for (const name of [
      'status.json',
      'check.json',
      'path.json',
      'ipam.json',
      'ps.json',
      'gc.json',
      'ip/link.json',
      'ip/route6.json',
      'nft/ruleset.txt',
      'nebula/host.crt',
      'nebula/config/00-config.yml',
      'peers/host-b.crt',
      'settings/flatnet.json',
      'versions.json',
    ])
      t.match(all, `== flatnet-bundle/${name}\n`)
    t.notMatch(all, SECRET)
    t.match(all, 'masquerade')
    t.match(all, addressOf(result))
    t.match(all, 'comment of taro')
  })

  await t.test('is the same for the same state', async (t) => {
    const [one, two] = [await bundle('b.tar.gz'), await bundle('c.tar.gz')]
    if (!readFileSync(one.file).equals(readFileSync(two.file)))
      t.equal(unpacked(one.file), unpacked(two.file))
    t.ok(readFileSync(one.file).equals(readFileSync(two.file)))
  })

  await t.test('has replaced names and addresses with --anonymise', async (t) => {
    const { file, stdout } = await bundle('d.tar.gz', '--anonymise', '--json')
    t.match(JSON.parse(stdout), { version: 1, anonymised: true, failures: [] })
    const all = unpacked(file)
    for (const gone of [
      SECRET,
      'host-b',
      'shop',
      'taro',
      'light.example.org',
      addressOf(result),
      '10.86.1.1',
      '10.86.2.1',
      '192.168.77.',
      '203.0.113.',
      container.name,
      'BEGIN NEBULA',
    ])
      t.notMatch(all, gone, gone)
    t.match(all, /"name": "host-\d+"/)
  })

  await t.test('reports what it could not include, and that it cannot write', async (t) => {
    writeFileSync(join(host.stateDir, 'attachments', 'flatnet', 'broken:eth0'), '{')
    const { file } = await bundle('e.tar.gz')
    t.match(unpacked(file), /broken:eth0.*\n.*not JSON/)
    const said = await host.cli(['bundle', '-o', '/nonexistent/x.tar.gz'], settings)
    t.match(said, { exitCode: 3, stderr: /file not written\n +\/nonexistent\/x\.tar\.gz: ENOENT/ })
  })
})
