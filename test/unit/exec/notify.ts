// A stand-in for systemd-notify writes down what it is called with.

import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import t, { type Test } from 'tap'
import { notifyReady, notifyReloading, notifyStopping } from '../../../src/exec/notify.ts'

function standIn(t: Test, socket: string | undefined): string {
  const folder = t.testdir({
    'systemd-notify': '#!/bin/sh\nprintf "%s|" "$NOTIFY_SOCKET" "$@" >>"$(dirname "$0")/said"\n',
  })
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

t.test('systemd hears each state with a sentence of one line', async (t) => {
  const said = standIn(t, '/run/systemd/notify')
  await notifyReady('2 peers,\n1 direct')
  await notifyReloading()
  await notifyStopping()
  t.equal(
    readFileSync(said, 'utf8'),
    '/run/systemd/notify|READY=1|STATUS=2 peers, 1 direct|' +
      '/run/systemd/notify|RELOADING=1|STATUS=reads its configuration anew|' +
      '/run/systemd/notify|STOPPING=1|STATUS=takes its routes away|',
  )
})

t.test('where nobody listens nothing is run', async (t) => {
  for (const socket of [undefined, '']) {
    const said = standIn(t, socket)
    await notifyReady('fine')
    await notifyStopping()
    t.notOk(existsSync(said))
  }
})
