import t from 'tap'
import { batchText, failedLine, failedLines, parseBatch } from '../../../src/ip/batch.ts'

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

t.test("the failed line is read from ip's message", async (t) => {
  t.equal(failedLine('RTNETLINK answers: File exists\nCommand failed -:3\n'), 3)
  t.equal(failedLine('something else'), undefined)
})

t.test("with several failures all failed lines are read from ip's messages", async (t) => {
  const said =
    'Cannot find device "x"\nCommand failed -:1\nRTNETLINK answers: No such process\nCommand failed -:12\n'
  t.same(failedLines(said), [1, 12])
  t.same(failedLines(''), [])
})

t.test('a text parses back to its commands', async (t) => {
  const commands = [
    ['route', 'delete', '10.87.2.0/24', 'dev', 'nebula1'],
    ['link', 'set', 'dev', 'eth0', 'up'],
  ]
  t.same(parseBatch(batchText(commands)), commands)
  t.same(parseBatch(''), [])
  t.same(parseBatch('route delete $(reboot)\n\nroute  delete\n'), [], 'a damaged line is not a command')
})
