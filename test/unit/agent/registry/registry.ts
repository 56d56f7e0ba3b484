// Hosts tell each other their containers over HTTP on loopback.

import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { dirname, join } from 'node:path'
import t from 'tap'

import { waitUntil } from '../../../../scripts/lab/run.ts'
import { freePort } from '../exchange/fixtures/hosts.ts'
import { makeOffice, overlayOf, type TestHost } from './fixtures/hosts.ts'

const PATIENCE_MS = 180_000

async function untilKnown(host: TestHost, known: readonly string[]): Promise<void> {
  const wanted = known.toSorted().join(', ')
  await waitUntil(`a host knows ${wanted}`, PATIENCE_MS, async () => host.knows().join(', ') === wanted)
}

const folderOf = ({ dataDir }: TestHost): string => dirname(dataDir)

/** Tells host `to` a state in the name of host `from`. */
function tell(
  port: number,
  from: number,
  to: number,
  body: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asking = request({
      host: overlayOf(to),
      localAddress: overlayOf(from),
      port,
      method: 'POST',
      path: '/v1/registry',
      agent: false,
    })
    asking.on('error', reject)
    asking.on('response', (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    asking.end(body)
  })
}

const state = (epoch: number, sequence: number, address = '10.87.2.50'): string =>
  JSON.stringify({
    version: 1,
    epoch,
    sequence,
    containers: [
      {
        id: 'told',
        names: [],
        network: 'flatnet',
        ifname: 'eth0',
        addresses: [address],
        ports: [],
        since: '2026-01-01',
      },
    ],
  })

t.test('a container that starts on one host is known on the others, until it ends', async (t) => {
  const office = makeOffice(t, 3, await freePort())
  const [a, b] = [await office.start(1), await office.start(2)]
  await a.add('web')
  await untilKnown(b, ['host-1 web'])
  const c = await office.start(3)
  await untilKnown(c, ['host-1 web'])
  t.match(
    c.registry.hosts().find(({ peer }) => peer.contact.facts.name === 'host-1'),
    {
      isConfirmed: true,
      state: { containers: [{ names: ['web'], addresses: [/^10\.87\.1\.\d+$/] }] },
    },
  )
  await b.add('db')
  await untilKnown(a, ['host-2 db'])
  await untilKnown(c, ['host-1 web', 'host-2 db'])
  await a.remove('web')
  await untilKnown(b, [])
  await untilKnown(c, ['host-2 db'])
  t.same(
    a.counts.filter(({ result }) => result === 'refused'),
    [],
  )
})

t.test('the containers of a host that falls silent go, and come back with it', async (t) => {
  const office = makeOffice(t, 2, await freePort())
  const [a, b] = [await office.start(1), await office.start(2)]
  await a.add('web')
  await untilKnown(b, ['host-1 web'])
  office.silent.add(1)
  await b.tick(15)
  t.same(b.knows(), ['host-1 web'], 'a short silence is none')
  await b.tick(10)
  t.same(b.knows(), [])
  t.match(b.registry.hosts(), [{ isSilent: true, state: undefined }])
  await waitUntil('its file goes as well', PATIENCE_MS, async () => savedHosts(b).length === 0)
  await b.tick(5)
  t.same(b.knows(), [], 'and is not asked for while it is silent')
  office.silent.delete(1)
  await untilKnown(b, ['host-1 web'])
})

const savedHosts = ({ dataDir }: TestHost): readonly string[] =>
  readdirSync(join(dataDir, 'registry')).filter((name) => name.startsWith('127.'))

t.test('a restarted agent serves what it knew, until the lease ends', async (t) => {
  const office = makeOffice(t, 3, await freePort())
  const [a, b, c] = [await office.start(1), await office.start(2), await office.start(3)]
  await a.add('web')
  await c.add('mail')
  await untilKnown(b, ['host-1 web', 'host-3 mail'])
  await waitUntil('it is on disk', PATIENCE_MS, async () => savedHosts(b).length === 2)
  await b.end()
  await a.remove('web')
  await a.end()
  const again = await office.start(2, folderOf(b))
  t.same(again.knows(), ['host-1 web', 'host-3 mail'], 'immediately')
  await waitUntil('the living host tells it again', PATIENCE_MS, async () =>
    again.registry.hosts().some(({ isConfirmed }) => isConfirmed),
  )
  await again.tick(25)
  t.same(again.knows(), ['host-3 mail'], 'no container outlives its host')
  t.ok(again.registry.own().epoch > b.registry.own().epoch)
})

t.test('a damaged or foreign snapshot is not used', async (t) => {
  const office = makeOffice(t, 3, await freePort())
  const b = await office.start(2)
  await b.end()
  mkdirSync(join(b.dataDir, 'registry'), { recursive: true })
  writeFileSync(join(b.dataDir, 'registry', `${overlayOf(1)}.json`), '{"version": 1, "epo')
  writeFileSync(join(b.dataDir, 'registry', `${overlayOf(3)}.json`), state(1, 1, '10.87.9.9'))
  const again = await office.start(2, folderOf(b))
  t.same(again.knows(), [])
  t.match(again.logged, [
    /saved containers not used: .*127\.86\.1\.1/,
    /saved containers not used: .*10\.87\.9\.9/,
  ])
})

t.test('what a host must not tell is refused, and the last good state stays', async (t) => {
  const office = makeOffice(t, 3, await freePort())
  const { port } = office
  const a = await office.start(1)
  t.match(await tell(port, 2, 1, state(7, 3)), { status: 204 })
  t.same(a.knows(), ['host-2 told'])
  const refused: readonly (readonly [string, string, number, RegExp])[] = [
    ['stale', state(7, 2), 409, /"epoch":7,"sequence":3/],
    ['of an earlier run', state(6, 99), 409, /"epoch":7/],
    ["another host's address", state(8, 1, '10.87.3.10'), 400, /10\.87\.3\.10.* is not in/],
    ['no JSON', 'hello', 400, /not valid JSON|problem/],
    ['oversized', `"${'x'.repeat(2_200_000)}"`, 413, /^$/],
  ]
  for (const [what, body, status, says] of refused) {
    // An oversized body may be cut before it is all sent.
    const answer = await tell(port, 2, 1, body).catch(() => ({ status: 413, text: '' }))
    t.match(answer, { status, text: says }, what)
    t.same(a.knows(), ['host-2 told'], what)
  }
  t.match(await tell(port, 9, 1, state(7, 3)), { status: 403 }, 'a stranger')
  t.match(await tell(port, 3, 1, state(7, 3)), { status: 400 }, "a host in another host's name")
  t.ok(a.registry.hosts().every(({ problem }) => problem !== undefined))
  t.match(await tell(port, 2, 1, state(7, 3)), { status: 204 }, 'the same again')
  t.match(await tell(port, 2, 1, state(7, 4)), { status: 204 })
  t.same(
    a.registry.hosts().map(({ problem }) => problem === undefined),
    [true, false],
    'a good word makes good',
  )
  t.ok(a.counts.filter(({ way, result }) => way === 'received' && result === 'refused').length >= 4)
})

t.test('a host that was installed again is believed, also with a clock that is behind', async (t) => {
  const office = makeOffice(t, 2, await freePort())
  const [a, b] = [await office.start(1), await office.start(2)]
  await a.add('web')
  await untilKnown(b, ['host-1 web'])
  await a.end()
  // What the earlier installation told by a clock that was years ahead.
  t.match(await tell(office.port, 1, 2, state(2 ** 45, 9, '10.87.1.77')), { status: 204 })
  rmSync(join(a.dataDir, 'registry'), { recursive: true })
  const again = await office.start(1, folderOf(a))
  await untilKnown(b, ['host-1 web'])
  t.equal(again.registry.own().epoch, 2 ** 45 + 1)
})

t.test('a disk that cannot be written keeps nothing from being known', async (t) => {
  const office = makeOffice(t, 2, await freePort())
  const a = await office.start(1)
  const b = await office.start(2)
  await b.end()
  rmSync(join(b.dataDir, 'registry'), { recursive: true })
  writeFileSync(join(b.dataDir, 'registry'), 'a file where the folder should be')
  const again = await office.start(2, folderOf(b))
  await a.add('web')
  await untilKnown(again, ['host-1 web'])
  await waitUntil('the trouble is told', PATIENCE_MS, async () => again.registry.diskProblem() !== undefined)
  t.notOk(existsSync(join(b.dataDir, 'registry', 'own.json')))
})
