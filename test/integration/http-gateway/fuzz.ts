// Odd requests and damaged documents; `npm run soak` sends 20,000 of each.
import t from 'tap'
import { makeRequestFuzzer } from '../../../scripts/soak/http-gateway/ask.ts'
import { makeDocumentFuzzer } from '../../../scripts/soak/http-gateway/push.ts'

const seed = Number(process.env['FAST_CHECK_SEED'] ?? 20261122)

t.test('600 odd connections', async (t) => {
  const { send } = await makeRequestFuzzer(t)
  const { answers, faults } = await send(seed, 600)
  t.same(faults, [])
  for (const group of ['2xx', '4xx']) t.ok((answers.get(group) ?? 0) > 50, `answers ${group}`)
})

t.test('200 damaged documents, and starts from three damaged files', async (t) => {
  const { push, startFrom } = await makeDocumentFuzzer(t)
  const { accepted, faults } = await push(seed, 200)
  t.same(faults, [])
  t.ok(accepted > 5 && accepted < 100, `${String(accepted)} are whole enough to be accepted`)
  for (let each = seed; each < seed + 3; each += 1) t.same(await startFrom(each), [])
})
