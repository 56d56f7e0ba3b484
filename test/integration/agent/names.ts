// Names in a lab: containers of podman ask the agent of their host, by real resolvers.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startAgent, stopAgent } from '../../../scripts/lab/host/agent.ts'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import { IMAGE } from '../../../scripts/lab/host/podman.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { PATIENCE_MS, SHORT_WAITS, writeSettings } from '../../fixtures/lab/agents.ts'

/** What a container's own tool says of a name. */
async function look(host: LabHost, container: string, ...words: string[]): Promise<string> {
  const { stdout, stderr } = await host.exec(['podman', 'exec', container, 'nslookup', ...words], {
    check: false,
  })
  return `${stdout}\n${stderr}`
}

async function untilFound(host: LabHost, container: string, name: string, says: RegExp): Promise<void> {
  let said = ''
  await waitUntil(`${container} finds ${name}`, PATIENCE_MS, async () => {
    said = await look(host, container, name)
    return says.test(said)
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${said}`)
  })
}

t.test('two hosts with podman', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `tnames${process.pid}` })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')]
  for (const { files } of lab.hosts) await writeSettings(files, { agent: SHORT_WAITS })
  const run = async (host: LabHost, name: string, ...options: string[]): Promise<string> => {
    const common = ['podman', 'run', '-d', '--network', 'flatnet', '--name', name]
    await host.exec([...common, ...options, IMAGE, 'sleep', '100000'])
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
    return (await host.exec(['podman', 'inspect', '--format', format, name])).stdout.trim()
  }
  await Promise.all([startAgent(a), startAgent(b)])
  const web = await run(a, 'web', '-p', '8080:80')
  await run(b, 'client', '--dns', '10.87.2.1', '--dns-search', 'flatnet.internal')
  const escaped = web.replaceAll('.', '\\.')

  await t.test(
    'a container finds one of another host by its short name, its long ones and back',
    async (t) => {
      await untilFound(b, 'client', 'web.flatnet.internal', new RegExp(`Address.*${escaped}`))
      t.match(await look(b, 'client', 'web.host-a.flatnet.internal'), web)
      t.match(await look(b, 'client', web), /web\.host-a\.flatnet\.internal/)
      const { stdout } = await b.exec(['podman', 'exec', 'client', 'ping', '-c', '1', '-W', '10', 'web'])
      t.match(stdout, web, 'by the search domain')
      t.match(await look(b, 'client', 'nothing.flatnet.internal'), /NXDOMAIN|can't find/)
    },
  )

  await t.test('a container that starts or stops is found or not, moments later', async () => {
    const db = await run(a, 'db')
    await untilFound(b, 'client', 'db.flatnet.internal', new RegExp(`Address.*${db.replaceAll('.', '\\.')}`))
    await a.exec(['podman', 'rm', '-f', '-t', '0', 'db'])
    await untilFound(b, 'client', 'db.flatnet.internal', /NXDOMAIN|can't find/)
  })

  await t.test("the resolver of a network's configuration is given to its containers", async (t) => {
    const file = join(b.files, 'own/etc/cni/net.d/10-flatnet.conflist')
    const conflist = JSON.parse(readFileSync(file, 'utf8')) as { plugins: object[] }
    const dns = { nameservers: ['10.87.2.1'], search: ['flatnet.internal'] }
    Object.assign(conflist.plugins[0] ?? {}, { dns })
    writeFileSync(file, JSON.stringify(conflist))
    await run(b, 'given')
    const given = (await b.exec(['podman', 'exec', 'given', 'cat', '/etc/resolv.conf'])).stdout
    t.match(given, /nameserver 10\.87\.2\.1/)
    t.match(given, /search flatnet\.internal/)
    t.match(await look(b, 'given', 'web.flatnet.internal'), web)
    await run(b, 'own', '--dns', '192.0.2.1')
    const own = (await b.exec(['podman', 'exec', 'own', 'cat', '/etc/resolv.conf'])).stdout
    t.match(own, /nameserver 192\.0\.2\.1/, "podman's own --dns goes first")
    t.notMatch(own, '10.87.2.1')
  })

  await t.test('while the agent is down no name is answered, and again when it is back', async (t) => {
    await stopAgent(b)
    t.notMatch(await look(b, 'client', 'web.flatnet.internal'), web)
    await startAgent(b)
    await untilFound(b, 'client', 'web.flatnet.internal', new RegExp(`Address.*${escaped}`))
  })
  await Promise.all([a, b].map(stopAgent))
})
