import t from 'tap'
import { judgeLaunch, parseReport } from '../../../../src/provision/windows/report.ts'

t.test('a report of Windows PowerShell, with a mark and carriage returns', async (t) => {
  const text =
    '{\r\n"version":1,"outcome":"done","problem":"","steps":[{"step":"task sync","state":"changed"},7]}\r\n'
  t.same(parseReport(`\uFEFF${text}`, 'report.json'), { steps: [{ step: 'task sync', state: 'changed' }] })
  t.throws(() => parseReport(text.replace('done', 'failed').replace('""', '"netsh: 5"'), 'report.json'), {
    message: 'Windows not set up',
    details: /^report\.json: netsh: 5; .*leave --windows run/,
  })
  t.throws(() => parseReport('', 'report.json'), {
    message: 'not valid JSON',
    details: /report\.json: is empty/,
  })
})

t.test('each way in which Windows did not run it', async (t) => {
  for (const fine of [0, 1]) judgeLaunch(fine, '', 'by hand')
  for (const [code, says] of [
    [2, /as administrator; by hand$/],
    [3, /changed by another program/],
    [4, /answered with no/],
    [-196608, /ended with -196608: AppLocker/],
  ] as const)
    t.throws(() => judgeLaunch(code, '\r\nAppLocker\r\nmore', 'by hand'), {
      message: 'Windows not set up',
      details: says,
    })
})
