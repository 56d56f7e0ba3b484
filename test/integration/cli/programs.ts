// Other implementations and versions of iproute2's `ip` and nftables' `nft`.
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { run } from '../../../scripts/lab/run.ts'
import { EXECUTABLE, isRefused, whyNoHost } from '../../fixtures/host/cni.ts'
import { makeHost, type TestHost } from '../../fixtures/host/host.ts'

const skip = whyNoHost()

// Mounts a script over `program`, for one call.
async function inPlaceOf(host: TestHost, program: string, script: string): Promise<string> {
  const path = join(host.folder, `other-${program}`)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  const { stdout } = await run(['sh', '-c', `readlink -f "$(command -v ${program})"`])
  return `mount --bind ${path} ${stdout.trim()}`
}

t.test('status reports an ip that does not answer, and does not call Nebula down', { skip }, async (t) => {
  const host = await makeHost(t)
  const { cniVersion: _, name: __, type: ___, ...settings } = host.conf()
  writeFileSync(join(host.folder, 'flatnet.json'), JSON.stringify(settings))
  const mounts = [
    await inPlaceOf(host, 'ip', "echo 'ip: invalid option' >&2; exit 1"),
    'mount -t tmpfs tmpfs /etc; mkdir /etc/flatnet',
    `cp ${host.folder}/flatnet.json /etc/flatnet/`,
    'exec "$0" status',
  ].join('\n')
  const argv = ['unshare', '--mount', '--propagation', 'private', 'sh', '-ec', mounts, EXECUTABLE]
  const { stdout } = await run(['nsenter', `--net=${host.netns.path}`, ...argv], { check: false })
  t.notMatch(stdout, /Nebula is down/)
  t.match(stdout, /nebula1, state unknown/)
  t.match(stdout, /ip does not answer.*SYS-003/s)
})

t.test('ADD asks for a newer nft if this one cannot read its input', { skip }, async (t) => {
  const host = await makeHost(t)
  // Up to 0.9.8 nft opens its standard input by name.
  const mounts = await inPlaceOf(host, 'nft', 'exec cat </dev/stdin')
  const outcome = await host.call('ADD', await host.container(), { mounts })
  isRefused(t, outcome, 100, /this nft is too old: install nftables 0\.9\.9 or newer/)
  t.same(await host.remains(), [], 'nothing is left')
})
