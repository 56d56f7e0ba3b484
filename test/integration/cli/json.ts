// docs/json.md has an example of what every command prints with --json. The real output has no key that the
// example lacks, and all of its outermost keys.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type ApiRoutes, serveApi } from '../../../src/api/server.ts'
import { openPathHistory } from '../../../src/state/agent/path-history.ts'
import { ip } from '../../fixtures/addresses.ts'
import { pathView, statusView, transitionView } from '../../fixtures/agent/views.ts'
import { examples, keysOf } from '../../fixtures/docs/json-examples.ts'
import { addressOf, whyNoHost } from '../../fixtures/host/cni.ts'
import { makeHost } from '../../fixtures/host/host.ts'
import { inhabit } from '../../fixtures/host/netns.ts'

const skip = whyNoHost()

t.test('both pages have the same examples', (t) => {
  t.same([...examples('json.ja.md').values()], [...examples('json.md').values()])
  t.end()
})

t.test('every command prints what the page shows', { skip }, async (t) => {
  const host = await makeHost(t)
  const [one, two] = [await host.container(), await host.container()]
  for (const container of [one, two]) inhabit(t, container)
  const portMappings = [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }]
  await host.add(one, { conf: { runtimeConfig: { portMappings, aliases: { flatnet: ['web'] } } } })
  const address = addressOf(await host.add(two))
  mkdirSync(join(host.folder, 'data'))
  openPathHistory(join(host.folder, 'data'), () => undefined).append(ip('10.86.2.1'), transitionView())
  const shown = examples('json.md')

  const compare = async (heading: string, line: string): Promise<void> => {
    const { stdout, stderr } = await host.cli([...line.split(' '), '--json'])
    const said = JSON.parse(stdout.startsWith('{\n') ? stdout : (stdout.split('\n')[0] ?? '')) as object
    // As `path` has them.
    if (heading === 'status') Object.assign(said, { peers: [] })
    const example = shown.get(heading)
    if (typeof example !== 'object' || example === null) throw new Error(`no example of ${heading}`)
    const known = new Set(keysOf(example))
    t.same(
      [...new Set(keysOf(said))].filter((key) => !known.has(key)),
      [],
      `${line}: ${stderr}`,
    )
    t.same(Object.keys(example).toSorted(), Object.keys(said).toSorted(), line)
  }
  await compare('version', 'version')
  await compare('check --explain', 'check --explain NEB-015')
  await compare('sync', 'sync')
  await compare('status', 'status')
  await compare('path without an agent', 'path')
  await compare('path --history', 'path --history')
  await compare('ps', 'ps --all')
  await compare('ipam list', 'ipam list')
  await compare('ipam show', `ipam show ${address}`)
  await compare('gc', 'gc --dry-run')
  await compare('bundle', `bundle -o ${host.folder}/b.tar.gz`)
  await compare('ipam release', `ipam release ${address} --force`)
  await compare('Failures', `ipam show ${address}`)
  await compare('Failures', 'statsu')

  const routes: ApiRoutes = {
    'GET /v1/status': () =>
      statusView([pathView()], { refusedPeers: [{ peer: 'host-x', reason: 'expired' }] }),
    'GET /v1/events': async function* () {
      yield transitionView({ overlay: '10.86.2.1' })
    },
    'POST /v1/drill': () =>
      (async function* () {
        yield {
          kind: 'result',
          peer: 'host-b',
          startedAt: new Date().toISOString(),
          forMs: 10_000,
          outageMs: 640,
          everyMs: 20,
          sent: 300,
          lost: 32,
          transitions: [transitionView()],
          returnedAfterMs: 5200,
          lostOnReturn: 0,
          restoredBy: 'timer',
        }
      })(),
  }
  const server = await serveApi(join(host.folder, 'run'), routes)
  t.teardown(() => server.close())
  await compare('status', 'status')
  await compare('path', 'path host-b')
  await compare('path --watch', 'path --watch')
  await compare('drill', 'drill host-b --yes')
})
