// What podman 5 has no place for goes to the system log.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { run } from '../../../../scripts/lab/run.ts'
import { EXECUTABLE, whyNoHost } from '../../../fixtures/host/cni.ts'
import { makeHost } from '../../../fixtures/host/host.ts'
import { blockOf, inputOf, isRefusal, networkOf } from '../../../fixtures/runtimes/netavark/calls.ts'
import { serve } from '../../../fixtures/traffic/talk.ts'

// A /dev of its own for one call, with a syslog that ends with the call.
const WITH_LOG = `mount -t tmpfs tmpfs "$1"; cp -a /dev/null /dev/urandom "$1"; mount --move "$1" /dev
  busybox syslogd -n -O "$2" & log=$!
  until [ -S /dev/log ]; do sleep 0.05; done
  shift 2; "$@" && code=0 || code=$?
  kill "$log"; wait "$log" 2>/dev/null || :; exit "$code"`

t.test('warnings of a setup', { skip: whyNoHost() }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const log = join(host.folder, 'syslog')
  await run(['mkdir', join(host.folder, 'dev')])
  const setUp = (input: object) => {
    const logged = ['unshare', '--mount', 'sh', '-ec', WITH_LOG, 'sh', join(host.folder, 'dev'), log]
    const argv = [`--net=${host.netns.path}`, ...logged, EXECUTABLE, 'setup', container.path]
    return run(['nsenter', ...argv], { check: false, input: JSON.stringify(input) })
  }
  const ports = [{ container_port: 80, host_ip: '', host_port: 8080, protocol: 'tcp', range: 1 }]
  const wish = { container: { port_mappings: ports } }
  await serve(t, host.netns, 'program', { port: 8080, address: '0.0.0.0' })
  isRefusal(t, await setUp(inputOf(host, container, wish)), /host port is taken: .*"takeOverPorts": true/)
  const { options } = networkOf(host) as { options: Record<string, string> }
  const taken = { ...wish, network: { options: { ...options, takeOverPorts: 'true' } } }
  blockOf(t, await setUp(inputOf(host, container, taken)))
  t.match(
    readFileSync(log, 'utf8'),
    /daemon\.warn flatnet-cni: \{.*"msg":"a published port is taken from .*","error":"tcp 8080: perl/,
    'the terminal of podman stays empty, and the log has the warning',
  )
  const again = await run(['nsenter', `--net=${host.netns.path}`, EXECUTABLE, 'setup', container.path], {
    check: false,
    input: JSON.stringify(inputOf(host, container, taken)),
  })
  blockOf(t, again)
})
