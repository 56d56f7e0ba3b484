// Names in a lab: containers of podman ask the agent of their host, by real resolvers.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { signalAgent, startAgent, stopAgent } from '../../../scripts/lab/host/agent.ts'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import { IMAGE } from '../../../scripts/lab/host/podman.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { serveNames, storm } from '../../fixtures/traffic/dns.ts'
import { flatnet, PATIENCE_MS, SHORT_WAITS, writeSettings } from '../../fixtures/lab/agents.ts'

/** What a container's own tool says of a name. */
async function look(host: LabHost, container: string, ...words: string[]): Promise<string> {
  const { stdout, stderr } = await host.exec(['podman', 'exec', container, 'nslookup', ...words], {
    check: false,
  })
  return `${stdout}\n${stderr}`
}

/** Of the browser's machine in the lab. */
const RESOLVER = '198.18.0.254'

async function useResolver(host: LabHost, address: string): Promise<void> {
  const script = 'umount /etc/resolv.conf 2>/dev/null; mount --bind "$1" /etc/resolv.conf'
  const file = '/run/resolv.conf'
  await host.exec(['tee', file], { input: `search office.example\nnameserver ${address}\n` })
  await host.exec(['sh', '-c', script, 'sh', file])
}

async function resolvConf(host: LabHost, container: string): Promise<string> {
  return (await host.exec(['podman', 'exec', container, 'cat', '/etc/resolv.conf'])).stdout
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
  await serveNames(t, lab.lan, RESOLVER)
  for (const host of [a, b]) await useResolver(host, RESOLVER)
  await Promise.all([startAgent(a), startAgent(b)])
  const web = await run(a, 'web', '-p', '8080:80')
  await run(b, 'client', '--dns', '10.87.2.1', '--dns-search', 'flatnet.internal')
  await run(b, 'told')
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

  await t.test(
    'containers of one name on two hosts: the local one is found, and status says so',
    async (t) => {
      const [there, here] = [await run(a, 'twin'), await run(b, 'twin')]
      await untilFound(b, 'client', 'twin.flatnet.internal', new RegExp(`Address.*${here}`))
      await untilFound(b, 'client', 'twin.host-a.flatnet.internal', new RegExp(`Address.*${there}`))
      const { stdout } = await flatnet(b, 'status')
      t.match(stdout, /containers of one name on several hosts/)
      t.match(stdout, /twin: host-b, host-a; that of host-b is found here/)
      for (const host of [a, b]) await host.exec(['podman', 'rm', '-f', '-t', '0', 'twin'])
    },
  )

  await t.test('a container is told to ask the agent, unless someone says otherwise', async (t) => {
    t.match(await resolvConf(b, 'told'), /^search flatnet\.internal office\.example$/m)
    t.match(await resolvConf(b, 'told'), /^nameserver 10\.87\.2\.1$/m)
    t.match(await look(b, 'told', 'web.flatnet.internal'), web)
    await run(b, 'own', '--dns', '192.0.2.1', '--dns-search', 'own.example')
    t.match(await resolvConf(b, 'own'), /nameserver 192\.0\.2\.1/, "podman's own --dns goes first")
    t.notMatch(await resolvConf(b, 'own'), /10\.87\.2\.1|flatnet/)
    await writeSettings(b.files, { agent: SHORT_WAITS, names: { give: false } })
    await run(b, 'untold')
    t.notMatch(await resolvConf(b, 'untold'), /10\.87\.2\.1|flatnet/)
    await writeSettings(b.files, { agent: SHORT_WAITS })
    const file = join(b.files, 'own/etc/cni/net.d/10-flatnet.conflist')
    const before = readFileSync(file, 'utf8')
    const conflist = JSON.parse(before) as { plugins: object[] }
    Object.assign(conflist.plugins[0] ?? {}, { dns: { nameservers: ['192.0.2.3'] } })
    writeFileSync(file, JSON.stringify(conflist))
    await run(b, 'configured')
    t.match(await resolvConf(b, 'configured'), /nameserver 192\.0\.2\.3/, "and so does the network's dns")
    t.notMatch(await resolvConf(b, 'configured'), /10\.87\.2\.1/)
    writeFileSync(file, before)
    // The agent follows its settings some time later, and may still be at those in between.
    await stopAgent(b)
    await startAgent(b)
    await waitUntil('the rules are back', PATIENCE_MS, async () => {
      const { exitCode } = await b.exec(['nft', 'list', 'table', 'ip', 'flatnet_names'], { check: false })
      return exitCode === 0
    })
  })

  const names = ['web.flatnet.internal', 'q#.example.org', 'told.flatnet.internal', 'www.example.org']
  const withoutPause = async (t: Test, change: () => Promise<void>): Promise<void> => {
    const end = await storm(t, b, 'told', names)
    await change()
    await untilFound(b, 'told', 'web.flatnet.internal', new RegExp(`Address.*${escaped}`))
    const { asked, answered, denied, refused, again } = await end()
    t.equal(refused, 0)
    t.equal(answered + denied, asked)
    t.comment(`${asked} asked, ${again} of them again, ${denied} denied`)
  }

  await t.test('no question is lost while the agent is restarted', (t) =>
    withoutPause(t, async () => {
      await stopAgent(b)
      await startAgent(b)
    }),
  )

  await t.test('and none while it is killed and started', (t) =>
    withoutPause(t, async () => {
      await signalAgent(b, 'KILL')
      await startAgent(b)
    }),
  )

  await t.test('and none while it hangs', (t) =>
    withoutPause(t, async () => {
      await signalAgent(b, 'STOP')
      await untilFound(b, 'told', 'web.flatnet.internal', /NXDOMAIN|can't find/)
      await signalAgent(b, 'CONT')
    }),
  )

  await t.test("while the agent is down, the host's resolver answers instead", async (t) => {
    const end = await storm(t, b, 'told', ['q#.example.org'])
    await stopAgent(b)
    await untilFound(b, 'told', 'www.example.org', /Address.*192\.0\.2\.7/)
    await untilFound(b, 'told', 'web.flatnet.internal', /NXDOMAIN|can't find/)
    await b.exec(['nft', 'delete', 'table', 'ip', 'flatnet_names'])
    await run(b, 'meanwhile')
    t.match(await resolvConf(b, 'meanwhile'), /nameserver 10\.87\.2\.1/, 'new containers are told so, too')
    await untilFound(b, 'meanwhile', 'www.example.org', /Address.*192\.0\.2\.7/)
    await startAgent(b)
    await untilFound(b, 'meanwhile', 'web.flatnet.internal', new RegExp(`Address.*${escaped}`))
    const { asked, answered } = await end()
    t.ok(answered > 0 && answered <= asked)
  })

  await t.test('nothing is told where nothing could stand in', async (t) => {
    await useResolver(b, '127.0.0.1')
    await stopAgent(b)
    await startAgent(b)
    await waitUntil('the rules are gone', PATIENCE_MS, async () => {
      const { exitCode } = await b.exec(['nft', 'list', 'table', 'ip', 'flatnet_names'], { check: false })
      return exitCode !== 0
    })
    await run(b, 'alone')
    t.notMatch(await resolvConf(b, 'alone'), /10\.87\.2\.1|flatnet/)
  })
  await Promise.all([a, b].map(stopAgent))
})
