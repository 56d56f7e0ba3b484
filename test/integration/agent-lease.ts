// What becomes of the routes when an agent ends, hangs or is lied to, and what it does when others touch what is its own.
import t from 'tap'
import { addContainer, type PlainContainer } from '../../scripts/failover/container.ts'
import { signalAgent, startAgent, stopAgent } from '../../scripts/lab/agent.ts'
import { impair } from '../../scripts/lab/impair.ts'
import { whyNoLab } from '../../scripts/lab/possible.ts'
import { HOST_NEBULA, startNebula } from '../../scripts/lab/nebula.ts'
import { waitUntil } from '../../scripts/lab/run.ts'
import { upLab } from '../../scripts/lab/up.ts'
import {
  directRoute,
  flatnet,
  gatewayRoute,
  historyOf,
  isDirect,
  logOf,
  pathsOf,
  PATIENCE_MS,
  pings,
  reasonsOfFall,
  routesOf,
  SHORT_WAITS,
  waitForMeasured,
  waitForPath,
  writeSettings,
} from '../fixtures/lab-agents.ts'

t.setTimeout(300_000)

t.test('two hosts', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `tagentown${process.pid}`, podman: false })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')]
  const settings = { agent: SHORT_WAITS }
  for (const { files } of [a, b]) await writeSettings(files, settings)
  const [direct, gateway] = [directRoute(a, b), gatewayRoute(a, b)]
  let from: PlainContainer
  let to: PlainContainer
  const has = async (route: string): Promise<boolean> => (await routesOf(a)).includes(route)
  const comesBack = async (what: string): Promise<void> => {
    await waitForPath(a, b, 'direct')
    t.ok(await pings(a, from.enter, to.address), what)
  }

  await t.test('without an agent ADD installs both routes', async (t) => {
    from = await addContainer(a, 'own-a')
    to = await addContainer(b, 'own-b')
    t.ok(await has(direct))
    t.ok(await has(gateway))
  })

  await t.test('an agent takes over what is there', async () => {
    await Promise.all([startAgent(a), startAgent(b)])
    await waitForMeasured(lab)
  })

  await t.test('a second agent is refused in words', async (t) => {
    const { exitCode, stderr } = await flatnet(a, 'agent')
    t.equal(exitCode, 1)
    t.match(stderr, /another agent runs/)
    t.match(stderr, /agent\.sock/)
    await waitForPath(a, b, 'direct')
  })

  await t.test('with a living agent ADD leaves the direct routes to it', async (t) => {
    const mend = await impair(b, { kind: 'black-hole' })
    await waitForPath(a, b, 'gateway')
    const another = await addContainer(a, 'own-a2')
    t.notOk(await has(direct))
    t.ok(await has(gateway))
    t.ok(await pings(a, another.enter, to.address), 'the new container goes by the gateway')
    await another.remove()
    await mend()
    await comesBack('after a black hole')
  })

  await t.test('settings that are wrong are named, and the old ones stay', async (t) => {
    for (const [bad, why] of [
      [{ agent: { probe: { fastMs: 'soon' } } }, /flatnet\.json: agent\.probe\.fastMs.*"soon"/],
      ['{"agent": ', /flatnet\.json/],
    ] as const) {
      const before = (await logOf(a)).length
      await writeSettings(a.files, bad)
      await signalAgent(a, 'HUP')
      await waitUntil('a word about it', PATIENCE_MS, async () =>
        (await logOf(a))
          .slice(before)
          .some(({ msg, error }) => msg === 'settings not taken over' && why.test(String(error))),
      ).catch(async (error: unknown) => t.fail(String(error), { log: (await logOf(a)).slice(before) }))
      await waitForPath(a, b, 'direct')
    }
    await writeSettings(a.files, settings)
    await signalAgent(a, 'HUP')
    await waitUntil('they are taken over', PATIENCE_MS, async () =>
      (await logOf(a)).some(({ msg }) => msg === 'settings taken over'),
    )
    t.equal((await pathsOf(a)).get('host-b')?.phase, 'P2P_ACTIVE')
  })

  await t.test('what somebody deletes comes back', async (t) => {
    const all = await routesOf(a)
    const { subnet } = b.plan.v4
    for (const words of [
      ['route', 'delete', subnet, 'metric', '100'],
      ['route', 'delete', subnet, 'metric', '500'],
      ['route', 'delete', '10.87.2.2'],
      ['route', 'delete', '10.87.2.3'],
      ['address', 'delete', '10.87.1.2/32', 'dev', 'flatnet0'],
      ['address', 'delete', '10.87.1.1/24', 'dev', 'flatnet0'],
    ]) {
      await a.exec(['ip', ...words])
      await waitUntil(`what "ip ${words.join(' ')}" took comes back`, PATIENCE_MS, async () => {
        const { stdout } = await a.exec(['ip', '-brief', 'address', 'show', 'dev', 'flatnet0'])
        const hasAddresses = ['10.87.1.1/24', '10.87.1.2/32', '10.87.1.3/32'].every((each) =>
          stdout.includes(each),
        )
        return hasAddresses && (await sameRoutes())
      }).catch(async (error: unknown) =>
        t.fail(String(error), { have: await routesOf(a), want: all, log: (await logOf(a)).slice(-15) }),
      )
    }
    async function sameRoutes(): Promise<boolean> {
      const have = await routesOf(a)
      return all.every((route) => have.includes(route))
    }
    await comesBack('after deletions')
  })

  await t.test('SIGKILL: the direct routes go, those by the gateway stay', async (t) => {
    const begun = Date.now()
    await signalAgent(a, 'KILL')
    await waitUntil('the direct route to go', PATIENCE_MS, async () => !(await has(direct)))
    t.ok(await has(gateway))
    await waitForPath(a, b, 'gateway')
    t.ok(await pings(a, from.enter, to.address), 'traffic goes by the gateway both ways')
    const reasons = reasonsOfFall(await historyOf(b, 'host-a', begun))
    t.ok(reasons.length > 0, 'the peer has a reason')
    await startAgent(a)
    await comesBack('after SIGKILL')
  })

  await t.test('SIGSTOP: the same, and it finds its way back', async (t) => {
    const begun = Date.now()
    // It stands still while it has the routes in hand: what it goes on with must not hide that they were gone.
    await a.exec(['ip', 'route', 'delete', '10.87.2.2'])
    await signalAgent(a, 'STOP')
    await waitUntil('the direct route to go', PATIENCE_MS, async () => !(await has(direct)))
    t.ok(await has(gateway))
    // To the peer both paths are silent: it stays where it is, and Nebula still carries what it sends.
    t.ok(await pings(a, from.enter, to.address))
    await signalAgent(a, 'CONT')
    await comesBack('after SIGSTOP')
    t.match((await historyOf(a, 'host-b', begun)).map(({ reason }) => reason)[0], 'agent-stalled')
  })

  await t.test('SIGTERM: the direct routes go before the agent does', async (t) => {
    await stopAgent(a)
    t.notOk(await has(direct))
    t.ok(await has(gateway))
    await waitUntil('the peer follows', PATIENCE_MS, async () => !(await isDirect(b, a)))
    const another = await addContainer(a, 'own-a3')
    t.ok(await has(direct), 'ADD installs both again')
    await another.remove()
  })

  await t.test('an agent that starts adopts the direct route that is there', async (t) => {
    const begun = Date.now()
    t.ok(await has(direct))
    await startAgent(a)
    t.equal((await historyOf(a, 'host-b', begun))[0]?.reason, 'adopted')
    await comesBack('after a new start')
  })

  await t.test('Nebula killed and started again', async (t) => {
    const begun = Date.now()
    await b.exec(['sh', '-c', 'kill -9 "$(cat "$1")"', 'sh', HOST_NEBULA.pidFile])
    await waitForPath(a, b, 'gateway')
    t.ok(await pings(a, from.enter, to.address), 'traffic goes by the gateway')
    await waitUntil('the reason', PATIENCE_MS, async () =>
      reasonsOfFall(await historyOf(b, 'host-a', begun)).includes('link-gone'),
    )
    await startNebula(b, lab.record.nebula, HOST_NEBULA)
    await comesBack('after a restart of Nebula')
  })

  await t.test('another address and another gateway on eth0', async (t) => {
    const { windows, wsl, subnet } = a.plan.v4
    const [newGateway, newAddress] = [windows.replace(/1$/, '3'), wsl.replace(/2$/, '77')]
    await a.windows.exec(['ip', 'address', 'add', `${newGateway}/24`, 'dev', 'vEthernet'])
    await a.exec(['ip', '-batch', '-'], {
      input: `address delete ${wsl}/24 dev eth0\naddress add ${newAddress}/24 dev eth0\nroute replace default via ${newGateway} dev eth0\n`,
    })
    await a.windows.exec(['ip', 'route', 'replace', subnet, 'via', newAddress])
    const moved = gateway.replace(`via ${windows} `, `via ${newGateway} `)
    await waitUntil('the gateway route follows', PATIENCE_MS, () => has(moved))
    t.notOk(await has(gateway))
    const mend = await impair(b, { kind: 'black-hole' })
    await waitForPath(a, b, 'gateway')
    t.ok(await pings(a, from.enter, to.address), 'and carries traffic')
    await mend()
    await comesBack('after the change')
  })

  await t.test('both paths down: it stays where it is and says so', async (t) => {
    const { phase } = (await pathsOf(a)).get('host-b') ?? {}
    const mend = await impair(b, { kind: 'both-paths' })
    await waitUntil('a word about it', PATIENCE_MS, async () => {
      const { stdout } = await flatnet(a, 'path', 'host-b')
      return /neither path answers/.test(stdout)
    }).catch(async (error: unknown) => t.fail(String(error), { view: (await pathsOf(a)).get('host-b') }))
    t.equal((await pathsOf(a)).get('host-b')?.phase, phase)
    await mend()
    await comesBack('after both were down')
  })
})
