import t from 'tap'
import {
  lanAddressOf,
  parsePlaces,
  parseStatus,
  renderPlaces,
  renderWanted,
} from '../../../../src/provision/windows/sync-files.ts'

t.test('places come back as they were, and are absolute', async (t) => {
  const places = {
    wanted: '/mnt/c/Users/山田 太郎/AppData/Local/flatnet/wanted.json',
    status: '/mnt/c/Program Files/flatnet/status.json',
  }
  t.same(parsePlaces(renderPlaces(places), 'windows.json'), places)
  for (const wanted of ['wanted.json', '/mnt/c/../../etc/passwd', '', 7, '/a\nb'])
    t.throws(() => parsePlaces(JSON.stringify({ ...places, wanted }), 'windows.json'), {
      message: 'invalid configuration',
      details: /^windows\.json: wanted: needs an absolute path/,
    })
})

t.test('what the agent asks for', async (t) => {
  t.same(JSON.parse(renderWanted('172.20.1.5', [{ destination: '10.87.2.0/24', nextHop: '192.168.1.12' }])), {
    version: 1,
    wslAddress: '172.20.1.5',
    routes: [{ destination: '10.87.2.0/24', nextHop: '192.168.1.12' }],
  })
})

t.test('what the task answers, as Windows PowerShell writes it', async (t) => {
  const text = JSON.stringify({
    version: 1,
    at: '2026-11-30T19:00:00Z',
    lanAddresses: ['192.168.1.11/24'],
    problems: ['there is no interface イーサネット'],
    steps: [
      { step: 'route 10.87.1.0/24 via 172.20.1.5', state: 'changed' },
      { step: 'forwarding Ethernet', state: 'kept' },
    ],
  })
  const status = parseStatus(`\uFEFF${text.replaceAll(',', ',\r\n')}`, 'status.json')
  t.match(status, { at: 1796065200, changed: ['route 10.87.1.0/24 via 172.20.1.5'] })
  t.match(status.problems, ['there is no interface イーサネット'])
  t.equal(lanAddressOf(status), '192.168.1.11')
  t.equal(lanAddressOf({ ...status, lanAddresses: [] }), undefined)
  t.throws(() => parseStatus('{}', 'status.json'), {
    message: 'invalid configuration',
    details: /^status\.json: needs version 1/,
  })
  t.throws(() => parseStatus('{', 'status.json'), { message: 'not valid JSON', details: /^status\.json: / })
})
