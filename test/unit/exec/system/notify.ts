// A stand-in for systemd-notify records how it is called.

import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import t, { type Test } from 'tap'
import { notifyReady, notifyReloading, notifyStopping } from '../../../../src/exec/system/notify.ts'

const silent = (): void => undefined
const SAY = 'printf "%s|" "$NOTIFY_SOCKET" "$@" >>"$(dirname "$0")/said"'

function standIn(t: Test, socket: string | undefined, script = SAY): string {
  const folder = t.testdir({ 'systemd-notify': `#!/bin/sh\n${script}\n` })
  chmodSync(join(folder, 'systemd-notify'), 0o755)
  const { PATH, NOTIFY_SOCKET } = process.env
  t.teardown(() => {
    process.env['PATH'] = PATH
    if (NOTIFY_SOCKET === undefined) delete process.env['NOTIFY_SOCKET']
    else process.env['NOTIFY_SOCKET'] = NOTIFY_SOCKET
  })
  process.env['PATH'] = `${folder}${delimiter}${PATH ?? ''}`
  if (socket === undefined) delete process.env['NOTIFY_SOCKET']
  else process.env['NOTIFY_SOCKET'] = socket
  return join(folder, 'said')
}

t.test('systemd is told each state with a one-line sentence', async (t) => {
  const said = standIn(t, '/run/systemd/notify')
  await notifyReady('2 peers,\n1 direct', silent)
  await notifyReloading(silent)
  await notifyStopping(silent)
  t.equal(
    readFileSync(said, 'utf8'),
    '/run/systemd/notify|READY=1|STATUS=2 peers, 1 direct|' +
      '/run/systemd/notify|RELOADING=1|STATUS=reloads its configuration|' +
      '/run/systemd/notify|STOPPING=1|STATUS=removes its routes|',
  )
})

t.test('without a listener nothing is run', async (t) => {
  for (const socket of [undefined, '']) {
    const said = standIn(t, socket)
    await notifyReady('fine', silent)
    await notifyStopping(silent)
    t.notOk(existsSync(said))
  }
})

t.test('a failed notification is only logged', async (t) => {
  const logged: object[] = []
  standIn(t, '/run/systemd/notify', 'echo "no such socket" >&2; exit 1')
  await notifyReady('fine', (level, msg, fields = {}) => logged.push({ level, msg, ...fields }))
  standIn(t, '/run/systemd/notify', 'kill -9 $$')
  await notifyStopping((level, msg, fields = {}) => logged.push({ level, msg, ...fields }))
  process.env['PATH'] = '/nonexistent'
  await notifyStopping((level, msg, fields = {}) => logged.push({ level, msg, ...fields }))
  t.match(logged, [
    { level: 'warn', msg: 'systemd not notified', what: 'READY=1', error: 'no such socket' },
    { level: 'warn', msg: 'systemd not notified', what: 'STOPPING=1' },
    { level: 'warn', msg: 'systemd not notified', what: 'STOPPING=1' },
  ])
  t.equal(logged.length, 3)
})
