// The agent and the task of Windows: what the agent asks for is what a router needs. The lab's Windows
// stand-ins do what flatnet-sync.ps1 does with the file.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startAgent } from '../../../scripts/lab/host/agent.ts'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { FAMILY } from '../../../scripts/lab/topology.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { routesOf as routesIn } from '../../../src/provision/windows/wanted-routes.ts'
import { readText } from '../../../src/state/files/atomic.ts'
import { flatnet, PATIENCE_MS, SHORT_WAITS, waitForPath, writeSettings } from '../../fixtures/lab/agents.ts'

// On the host; the test sees its folder /etc/flatnet below `files`.
const FOLDER = '/etc/flatnet/windows'

function windowsOf(host: LabHost): { readonly tell: (lan: string) => void; readonly wanted: () => string } {
  const at = (name: string): string => join(host.files, 'own', FOLDER, name)
  mkdirSync(join(host.files, 'own', FOLDER), { recursive: true })
  const places = { wanted: `${FOLDER}/wanted.json`, status: `${FOLDER}/status.json` }
  writeFileSync(join(host.files, 'own/etc/flatnet/windows.json'), JSON.stringify(places))
  return {
    tell: (lan) => {
      const lanAddresses = [`${lan}/${String(FAMILY[4].lanBits)}`]
      const status = { version: 1, at: new Date().toISOString(), lanAddresses, steps: [], problems: [] }
      writeFileSync(at('status.json'), `\uFEFF${JSON.stringify(status)}\r\n`)
    },
    wanted: () => readText(at('wanted.json')) ?? '',
  }
}

t.test('two hosts behind Windows', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `twin${process.pid}` })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')]
  const windows = new Map([a, b].map((host) => [host, windowsOf(host)]))
  const wantedBy = (host: LabHost): ReturnType<typeof routesIn> => routesIn(windows.get(host)?.wanted() ?? '')
  for (const host of [a, b]) {
    await writeSettings(host.files, { agent: SHORT_WAITS })
    windows.get(host)?.tell(host.plan.v4.lan)
    await flatnet(host, 'http-gateway', 'install')
  }
  await Promise.all([startAgent(a), startAgent(b)])
  const expected = (host: LabHost, other: LabHost): ReturnType<typeof routesIn> => [
    { destination: host.plan.v4.subnet, nextHop: host.plan.v4.wsl },
    { destination: other.plan.v4.subnet, nextHop: other.plan.v4.lan },
  ]
  const untilWanted = (host: LabHost, routes: ReturnType<typeof routesIn>): Promise<unknown> =>
    waitUntil(
      `${host.name} asks for ${JSON.stringify(routes)}`,
      PATIENCE_MS,
      async () => JSON.stringify(wantedBy(host)) === JSON.stringify(routes),
    )

  await t.test('each asks for its own subnet by WSL2, and for the other by its Windows', async () => {
    await untilWanted(a, expected(a, b))
    await untilWanted(b, expected(b, a))
  })

  await t.test(
    'with these routes alone, the gateway path works, and stays while the peer is silent',
    async (t) => {
      for (const host of [a, b]) {
        const { stdout } = await host.windows.exec(['ip', '-4', 'route', 'show', 'root', FAMILY[4].pool])
        for (const line of stdout.split('\n').filter(Boolean))
          await host.windows.exec(['ip', 'route', 'delete', ...line.trim().split(' ')])
        for (const { destination, nextHop } of wantedBy(host))
          await host.windows.exec(['ip', 'route', 'replace', destination, 'via', nextHop])
      }
      await waitForPath(a, b, 'direct')
      await lab.cut(['b'], 'nebula')
      await waitForPath(a, b, 'gateway')
      const [from, to] = [a, b].map(({ plan }) => plan.v4.subnet.replace(/0\/24$/, '1'))
      await waitUntil('a ping through both Windows', PATIENCE_MS, async () => {
        const ping = ['ping', '-c', '1', '-W', '1', '-I', from ?? '', to ?? '']
        return (await a.exec(ping, { check: false })).exitCode === 0
      })
      t.same(wantedBy(a), expected(a, b))
    },
  )

  await t.test("WSL2's address moves, and the next hop with it", async () => {
    const { wsl, windows: router } = a.plan.v4
    const moved = wsl.replace(/\.\d+$/, '.77')
    await a.exec(['ip', '-4', 'address', 'flush', 'dev', 'eth0'])
    await a.exec(['ip', 'address', 'add', `${moved}/${String(FAMILY[4].wslBits)}`, 'dev', 'eth0'])
    await a.exec(['ip', 'route', 'replace', 'default', 'via', router, 'dev', 'eth0'])
    const [, other] = expected(a, b)
    await untilWanted(a, [
      { destination: a.plan.v4.subnet, nextHop: moved },
      ...(other === undefined ? [] : [other]),
    ])
  })
})
