// The page at the bare address, in real Chromium: what people see, hear and type, in both languages, on a
// phone and on a desk, light and dark. Screenshots go to .cache/page/.

import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t, { type Test } from 'tap'
import type { OfficeDocument, OfficeHost } from '../../../src/http-gateway/office.ts'
import { axeFaults, look, startBrowser, whyNoBrowser } from '../../fixtures/browser/chromium.ts'
import { hostDocument, SELF } from '../../fixtures/http-gateway/documents.ts'
import { echo, serve } from '../../fixtures/http-gateway/http.ts'
import { startGateway, type TestGateway } from '../../fixtures/http-gateway/nginx.ts'

const ROOT = join(import.meta.dirname, '../../..')
const PICTURES = join(ROOT, '.cache/page')
const SKIP = { skip: whyNoBrowser() }
const LANGUAGES = { en: 'en-GB', ja: 'ja-JP' } as const

// Names under the domain lead to this machine. Undefined where every test is skipped.
const chromium = whyNoBrowser() === false ? await startBrowser(t, 'flatnet.internal') : undefined

const SINCE = '2026-01-01T08:00:00.000Z'
const container = (name: string, more: Partial<OfficeHost['containers'][number]> = {}) => ({
  names: [name],
  port: 80,
  ports: [80],
  isFirst: true,
  ...more,
})

function host(name: string, more: Partial<OfficeHost> = {}): OfficeHost {
  return {
    host: name,
    path: 'p2p',
    reason: 'recovered',
    detail: '',
    since: SINCE,
    changes: [],
    gateway: { address: '192.168.1.12:80', state: 'up' },
    containers: [],
    ...more,
  }
}

function officeOf(...hosts: readonly OfficeHost[]): OfficeDocument {
  return { version: 1, host: 'host-a', domain: 'flatnet.internal', hosts, leftOut: [] }
}

const own = (...containers: OfficeHost['containers']): OfficeHost =>
  host('host-a', {
    path: 'local',
    reason: null,
    since: null,
    gateway: { address: null, state: 'self' },
    containers,
  })

const OFFICE: OfficeDocument = {
  ...officeOf(
    own(container('web', { names: ['web', 'www'] }), container('many', { port: null, ports: [3000, 8080] })),
    host('host-b', {
      containers: [container('shop'), container('web', { isFirst: false })],
      changes: [
        { at: SINCE, to: 'p2p', reason: 'recovered' },
        { at: '2026-01-01T07:00:00.000Z', to: 'gateway', reason: 'silence' },
      ],
    }),
    host('host-c', {
      path: 'gateway',
      reason: 'silence',
      detail: 'no answer for <b>1.0</b> s',
      gateway: { address: '192.168.1.13:80', state: 'down' },
      containers: [container('wiki')],
    }),
    host('host-d', { path: 'silent', reason: 'peer-agent-gone', gateway: null }),
  ),
  leftOut: [{ host: 'host-b', what: 'a second container called web' }],
}

/** An HTTP Gateway that has been told an office. */
async function told(
  t: Test,
  office: OfficeDocument = OFFICE,
): Promise<{ gateway: TestGateway; url: string }> {
  const gateway = await startGateway(t)
  const port = await serve(t, '127.87.1.10', echo('web-a'))
  await gateway.push('PUT', '/v1/self', SELF)
  const web = { names: ['web', 'www'], address: '127.87.1.10', port, ports: [port] }
  await gateway.push('PUT', '/v1/hosts/host-a', hostDocument('host-a', [web]))
  // The agent speaks as often.
  const speaking = setInterval(() => void gateway.push('GET', '/v1/hosts').catch(() => undefined), 2000)
  t.teardown(() => clearInterval(speaking))
  const { status, text } = await gateway.push('PUT', '/v1/texts/office', office)
  if (status !== 200) throw new Error(text)
  return { gateway, url: `http://127.0.0.1:${String(gateway.port)}/` }
}

t.test('axe finds nothing, nothing is cut off, nothing comes from elsewhere', SKIP, async (t) => {
  mkdirSync(PICTURES, { recursive: true })
  const { url } = await told(t)
  // Each pair of language, width and colours; all eight would take twice as long.
  for (const [language, width, colorScheme] of [
    ['en', 360, 'light'],
    ['en', 1280, 'dark'],
    ['ja', 360, 'dark'],
    ['ja', 1280, 'light'],
  ] as const) {
    const name = `${language}-${String(width)}-${colorScheme}`
    const { page, faults } = await look(chromium, url, '.host', {
      locale: LANGUAGES[language],
      colorScheme,
      viewport: { width, height: 800 },
    })
    t.equal(await page.locator('html').getAttribute('lang'), language, name)
    t.same(await axeFaults(page), [], name)
    t.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${name} fits`)
    t.same(faults, [], name)
    await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true })
    await page.context().close()
  }
})

t.test('what it says, in words, and what others have written stays text', SKIP, async (t) => {
  const { url } = await told(t)
  const { page } = await look(chromium, url, '.host', { locale: 'en-GB' })
  const card = (name: string) => page.locator(`[id="host-${name}"]`).innerText()
  t.match(await card('host-b'), /direct path since .*Reason: the direct path works well/s)
  t.match(
    await card('host-c'),
    /gateway path .*no answer for <b>1\.0<\/b> s.*192\.168\.1\.13:80 does not answer/s,
  )
  t.match(await card('host-d'), /not heard .*not known until its agent is heard again/s)
  t.match(await page.locator('#left-out').innerText(), /host-b: a second container called web/)
  t.equal(await page.locator('#picture line').count(), 3)
  t.equal(await page.locator('#picture line.gateway').count(), 1)
  await page.locator('#picture a[href="#host-host-b"]').click()
  t.match(await card('host-b'), /gateway path, the direct path fell silent/, 'a click shows the history')

  await page.getByRole('button', { name: '日本語' }).click()
  t.match(await card('host-c'), /ゲートウェイ経路 .*理由: 直接経路が途絶えた/s)
  await page.reload()
  await page.locator('.host').first().waitFor()
  t.equal(await page.locator('html').getAttribute('lang'), 'ja', 'the choice is remembered')
})

t.test('search and keyboard', SKIP, async (t) => {
  const { url } = await told(t)
  const { page } = await look(chromium, url, '.host', { locale: 'en-GB' })
  const hosts = () => page.locator('.host:visible h3').allInnerTexts()
  const focused = () => page.evaluate('document.activeElement?.id')
  await page.keyboard.press('Tab')
  t.match(
    await page.evaluate('document.activeElement?.className'),
    /skip/,
    'the first stop leads past the head',
  )
  for (const id of ['to-en', 'to-ja', 'search']) {
    await page.keyboard.press('Tab')
    t.equal(await focused(), id)
  }
  await page.keyboard.type('WIK')
  t.same(await hosts(), ['host-c'])
  t.equal(await page.getByRole('status').innerText(), '1 of 5 containers')
  await page.keyboard.press('Tab')
  t.equal(await focused(), 'open-host-c-wiki-')
  await page.getByRole('searchbox').fill('host-b web')
  t.same(await hosts(), ['host-b'])
  await page.getByRole('searchbox').fill('nothing')
  t.same(await hosts(), [])
})

t.test('it lives: changes appear, focus stays, an nginx that ends is told', SKIP, async (t) => {
  const { gateway, url } = await told(t)
  const { page, faults } = await look(chromium, url, '.host', { locale: 'en-GB' })
  await page.locator('#open-host-b-shop-').focus()
  const [, ...others] = OFFICE.hosts
  const changed = others.map((each) =>
    each.host === 'host-b' ? { ...each, path: 'gateway' as const, reason: 'loss' } : each,
  )
  await gateway.push('PUT', '/v1/texts/office', officeOf(own(container('<i>new</i>')), ...changed))
  await page.locator('#host-host-b', { hasText: 'too many packets were lost' }).waitFor()
  await page.locator('#host-host-a a', { hasText: '<i>new</i>' }).waitFor()
  t.equal(await page.locator('#host-host-a i').count(), 0)
  t.equal(await page.evaluate('document.activeElement?.id'), 'open-host-b-shop-')
  t.equal(await page.getByRole('alert').count(), 0)
  await gateway.signal('stop')
  await page.getByRole('alert').filter({ hasText: 'does not answer' }).waitFor()
  await gateway.restart()
  await page.getByRole('alert').filter({ hasText: 'has told nothing' }).waitFor()
  await gateway.push('PUT', '/v1/texts/office', OFFICE)
  await page.getByRole('alert').waitFor({ state: 'detached' })
  t.same(faults, [])
})

t.test('links: names where they lead here, paths elsewhere', SKIP, async (t) => {
  const web = ['#open-host-a-web-', '#open-host-b-web-', '#open-host-a-many-8080']
  for (const [what, office, expected] of [
    [
      'a domain that is unknown to the client',
      { ...OFFICE, domain: 'elsewhere.internal' },
      /^\/~web\/ \/~web@host-b\/ \/~8080--many\/$/,
    ],
    [
      'a domain that leads here',
      OFFICE,
      /^http:\/\/web\.flatnet\.internal:\d+\/ \S+web\.host-b\.flatnet\.internal:\d+\/ \S+8080--many\.\S+$/,
    ],
  ] as const) {
    const { url } = await told(t, office)
    const { page } = await look(chromium, url, '.host')
    if (office === OFFICE) await page.locator('a[href^="http://web.flatnet.internal"]').waitFor()
    const found = await Promise.all(web.map((each) => page.locator(each).getAttribute('href')))
    t.match(found.join(' '), expected, what)
    await page.locator('#open-host-a-web-').click()
    await page.getByText('"name":"web-a"').waitFor()
  }
})

t.test('without scripts, and for names that are unknown', SKIP, async (t) => {
  const { gateway, url } = await told(t)
  const { page } = await look(chromium, url, 'noscript', { javaScriptEnabled: false })
  t.same(await page.locator('main li a').allInnerTexts(), ['web (host-a)', 'www (host-a)'])
  const unknown = `http://wep.flatnet.internal:${String(gateway.port)}/`
  for (const [locale, says, language] of [
    ['en-GB', /No container .* Did you mean/, 'en'],
    ['ja-JP', /この名前とポートで開けるコンテナはありません。 もしかして/, 'ja'],
  ] as const) {
    const { page: lost, faults } = await look(chromium, unknown, 'main', { locale })
    t.match(await lost.locator('main').innerText(), says)
    t.equal(await lost.locator('html').getAttribute('lang'), language)
    t.same(await axeFaults(lost), [])
    t.same(faults, [])
    await lost.getByRole('link', { name: 'web (host-a)' }).click()
    await lost.getByText('"name":"web-a"').waitFor()
  }
})

// Pairs of names in the drawing that share some of their place.
const OVERLAPS = `(() => {
  const names = [...document.querySelectorAll('#picture text')]
    .map((text) => [text.textContent, text.getBoundingClientRect()])
  return names.flatMap(([one, a], at) => names.slice(at + 1)
    .filter(([, b]) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
    .map(([other]) => one + ' ' + other))
})()`

t.test('two hundred hosts with two thousand containers', SKIP, async (t) => {
  const hosts = Array.from({ length: 199 }, (_, at) =>
    host(`host-${String(at).padStart(3, '0')}`, {
      path: at < 30 || at > 190 ? 'gateway' : at === 100 ? 'silent' : 'p2p',
      containers: Array.from({ length: 10 }, (_, each) => container(`app-${String(at)}-${String(each)}`)),
    }),
  )
  const { url } = await told(t, officeOf(own(container('web')), ...hosts))
  const { page } = await look(chromium, url, '.host')
  t.equal(await page.locator('.container').count(), 1991)
  const painted = await page.evaluate(
    "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1",
  )
  t.comment(`first paint after ${String(painted)} ms`)
  const nodes = page.locator('#picture a')
  const crowds = await page.locator('#picture .crowd').allTextContents()
  t.same(crowds, ['18 more hosts', '160 more hosts'], 'what does not fit is counted by state')
  t.equal(await nodes.count(), 24, 'and no more is drawn than fits')
  t.equal(await page.locator('#picture a[href="#host-host-100"]').count(), 1, 'what is not heard is drawn')
  t.same(await page.evaluate(OVERLAPS), [], 'no name covers another')
  await page.getByRole('searchbox').fill('app-150-7')
  t.same(await page.locator('.container:visible').allInnerTexts(), ['app-150-7'])
  await page.screenshot({ path: join(PICTURES, 'large.png') })
  await page.locator('#picture').screenshot({ path: join(PICTURES, 'large-drawing.png') })
})

t.test('the same as JSON, as its schema says', async (t) => {
  const { gateway } = await told(t)
  const { status, headers, text } = await gateway.ask('127.0.0.1', { path: '/api/v1/office' })
  t.equal(status, 200)
  t.equal(headers['access-control-allow-origin'], undefined)
  const schema: unknown = JSON.parse(await readFile(join(ROOT, 'docs/office.schema.json'), 'utf8'))
  const judge = new Ajv2020({ strict: true }).compile(schema as object)
  t.ok(judge(JSON.parse(text)), JSON.stringify(judge.errors))
  const html = await gateway.ask('127.0.0.1', { headers: { accept: 'text/html' } })
  const policy = String(html.headers['content-security-policy'])
  t.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/)
  t.notMatch(policy, /unsafe/)
  t.equal((await gateway.ask('attacker.example', { path: '/api/v1/office' })).status, 404, 'DNS rebinding')
})

t.test('close names are offered to those who use the office’s domain or an address', async (t) => {
  const { gateway } = await told(t)
  const near = async (host: string, path = '/'): Promise<unknown> => {
    const { text } = await gateway.ask(host, { path, headers: { accept: 'application/json' } })
    return (JSON.parse(text) as { near?: { name: string }[] }).near?.map(({ name }) => name)
  }
  t.same(await near('wep.flatnet.internal'), ['web'])
  t.same(await near('www2.flatnet.internal'), ['www'])
  t.same(await near('127.0.0.1', '/~webb/'), ['web'])
  t.same(await near('elephant.flatnet.internal'), undefined)
  t.same(await near('wep.attacker.example'), undefined)
})
