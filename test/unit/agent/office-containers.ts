import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import t from 'tap'

import { createHttpListeners } from '../../../src/agent/http.ts'
import { containersMount } from '../../../src/agent/office-containers.ts'

t.test('a crowd that asks for the containers costs one look at them', async (t) => {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address() as AddressInfo
  free.close()
  await once(free, 'close')
  const listeners = createHttpListeners(port)
  t.teardown(() => listeners.close())
  let looks = 0
  const mounts = containersMount(async () => {
    looks += 1
    await new Promise((resolve) => setTimeout(resolve, 20))
    return []
  })
  await listeners.ensure([{ address: '127.0.0.1', mounts }])
  const asked = Array.from({ length: 40 }, async () =>
    (await fetch(`http://127.0.0.1:${String(port)}/v1/containers`)).json(),
  )
  for (const answer of await Promise.all(asked)) t.same(answer, { version: 1, containers: [], silent: [] })
  t.equal(looks, 1)
})
