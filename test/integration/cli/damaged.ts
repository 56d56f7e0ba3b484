// The command line on a host with damaged state: files that name no attachment, addresses whose holder is
// unclear.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { addressOf, whyNoHost } from '../../fixtures/host/cni.ts'
import { makeHost, type TestHost } from '../../fixtures/host/host.ts'
import { inhabit, type Netns, show } from '../../fixtures/host/netns.ts'

const skip = whyNoHost()

const links = async (container: Netns): Promise<readonly string[]> =>
  (await show<{ ifname: string }>(container, ['link', 'show'])).map(({ ifname }) => ifname)
const recordOf = ({ stateDir }: TestHost, { name }: Netns): string =>
  join(stateDir, 'attachments/flatnet', `${name}:eth0`)

t.test('files that name no attachment', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  await host.add(container)
  const text = readFileSync(recordOf(host, container), 'utf8')
  const folder = join(host.stateDir, 'attachments/flatnet')
  for (const name of ['.abc:eth0.swp', 'a:b:eth0', 'a:']) writeFileSync(join(folder, name), text)
  writeFileSync(join(folder, 'x:eth0'), JSON.stringify({ ...JSON.parse(text), network: '' }))
  for (const command of ['status', 'ipam list', 'ps', 'gc --dry-run', `bundle -o ${host.folder}/bundle`]) {
    const { stdout, stderr } = await host.cli(command.split(' '))
    t.notMatch(stdout + stderr, /\n\s+at |node:internal/, command)
    t.not(stdout, '', command)
  }
  const { stdout } = await host.cli(['ipam', 'list'])
  t.match(stdout, /✗ .*a:b:eth0: its file name does not name an attachment/)
  t.match(stdout, /✗ .*x:eth0: network: "" is not a name/)
})

t.test('release --force deletes the link before it releases the address', { skip }, async (t) => {
  const host = await makeHost(t)
  for (const [what, hurt] of [
    ['damaged', (path: string): void => writeFileSync(path, '{')],
    ['missing', (path: string): void => rmSync(path)],
  ] as const) {
    const container = await host.container()
    inhabit(t, container)
    const address = addressOf(await host.add(container))
    hurt(recordOf(host, container))
    t.match(
      (await host.cli(['ipam', 'show', address])).stdout,
      what === 'damaged' ? /cannot be read/ : /record is missing/,
    )
    t.match(await host.cli(['ipam', 'release', address]), { exitCode: 3, stderr: /is in use/ })
    t.same((await links(container)).length, 2)
    const { exitCode, stdout } = await host.cli(['ipam', 'release', address, '--force'])
    t.equal(exitCode, 0)
    t.match(
      stdout,
      `released ${address} of ${container.name} eth0 of network flatnet; that container has lost its network`,
    )
    t.same(await links(container), ['lo'], what)
    t.match(await host.cli(['ipam', 'show', address]), { exitCode: 3, stderr: /is not leased/ })
  }
  t.same(await host.remains(), [])
})

t.test('with lease and record damaged, release cannot tell which link to delete', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const address = addressOf(await host.add(container))
  writeFileSync(recordOf(host, container), '{')
  writeFileSync(join(host.stateDir, 'leases', address), '{')
  const refused = await host.cli(['ipam', 'release', address, '--force'])
  t.match(refused, { exitCode: 3, stderr: `cannot tell which container holds ${address}` })
  t.match(refused.stderr, recordOf(host, container))
  await host.del(container)
  t.equal((await host.cli(['gc'])).exitCode, 0)
  t.same(await host.remains(), [], 'the advice works')
})
