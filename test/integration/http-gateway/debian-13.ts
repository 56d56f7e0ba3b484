// The same with nginx of Debian 13 as with that of Debian 12, which the other files run: the same Lua, every
// module of it, the same assertions.

import { join } from 'node:path'
import t from 'tap'
import { whyNoNginx13 } from '../../../scripts/lab/nginx/packages.ts'
import { startGateway } from '../../fixtures/http-gateway/nginx.ts'
import { CHOICE } from '../../fixtures/http-gateway/programs.ts'

const skip = whyNoNginx13()
process.env[CHOICE] = '13'

t.test('it is the nginx of Debian 13', { skip }, async (t) => {
  const gateway = await startGateway(t)
  const said = JSON.parse((await gateway.push('GET', '/v1/status')).text) as Record<string, number>
  t.equal(said['nginx'], 1_026_003)
  t.equal(said['lua'], 10_028)
})

// Each has a network of its own, so that several run at a time.
const ALONE = 'ip link set lo up && exec "$@"'
t.jobs = 4
if (skip === false)
  for (const name of ['retries', 'state', 'streams', 'limits', 'routing']) {
    const node = [process.execPath, join(import.meta.dirname, `${name}.ts`)]
    void t.spawn('unshare', ['--net', 'sh', '-ec', ALONE, 'sh', ...node], { env: process.env }, name)
  }
