// The Lua itself: what luacheck says of it, and that nginx loads every module before it starts.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { run, waitUntil } from '../../../scripts/lab/run.ts'
import { startGateway } from '../../fixtures/http-gateway/nginx.ts'

const FOLDER = join(import.meta.dirname, '../../../src/http-gateway/lua')

t.test('luacheck finds nothing', async (t) => {
  const { exitCode, stdout } = await run(
    ['luacheck', '--std', 'ngx_lua', '--max-line-length', '110', '--no-color', FOLDER],
    { check: false },
  )
  t.equal(exitCode, 0, stdout)
})

t.test('only modules that Debian has too', async (t) => {
  const allowed = /^(flatnet\.\w+|ngx\.balancer|cjson\.safe|bit)$/
  for (const name of readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.lua'))
      for (const [, module = ''] of readFileSync(join(FOLDER, name), 'utf8').matchAll(/require '([^']+)'/g))
        t.match(module, allowed, `${name}: ${module}`)
})

t.test('a fault in any module keeps nginx from starting', async (t) => {
  const gateway = await startGateway(t)
  await gateway.signal('stop')
  await waitUntil('the end of nginx', 10_000, async () => !existsSync(join(gateway.folder, 'run/nginx.pid')))
  for (const name of readdirSync(join(FOLDER, 'flatnet'))) {
    const path = join(gateway.folder, 'lua/flatnet', name)
    const whole = readFileSync(path, 'utf8')
    await writeFile(path, `)\n${whole}`)
    await t.rejects(gateway.start(), { message: new RegExp(name.replace('.', '\\.')) }, name)
    await writeFile(path, whole)
  }
  await gateway.start()
  t.equal((await gateway.status('/healthz')).status, 200)
})
