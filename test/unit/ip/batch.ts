import t from 'tap'
import { batchText, failedLine } from '../../../src/ip/batch.ts'

t.test('each command is one line', async (t) => {
  t.equal(
    batchText([
      ['link', 'set', 'dev', 'eth0', 'up'],
      ['route', 'flush', 'all'],
    ]),
    'link set dev eth0 up\nroute flush all\n',
  )
})

for (const token of ['a b', 'a\nb', 'a#b', 'a"b', "a'b", 'a\\b', '', 'a;b', '$(reboot)', 'ü']) {
  t.test(`the token ${JSON.stringify(token)} is refused`, async (t) => {
    t.throws(() => batchText([['link', 'delete', 'dev', token]]), TypeError)
  })
}

t.test('the failed line is read from what ip says', async (t) => {
  t.equal(failedLine('RTNETLINK answers: File exists\nCommand failed -:3\n'), 3)
  t.equal(failedLine('something else'), undefined)
})
