// scripts/install.sh and scripts/uninstall.sh on a host with podman 5.

import { join } from 'node:path'
import t from 'tap'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { sleeping } from '../../fixtures/runtimes/podman5/containers.ts'
import { makePodman5 } from '../../fixtures/runtimes/podman5/host.ts'
import { DRIVER } from '../../../scripts/lab/podman5/lab-host.ts'
import { whyNoPodman5 } from '../../../scripts/lab/podman5/packages.ts'

const ROOT = join(import.meta.dirname, '../../..')
const skip = whyNoHost() || whyNoPodman5('trixie')

t.test('podman 5 gets its driver and its network', { skip }, async (t) => {
  const podman5 = await makePodman5(t, 'trixie', { binds: [[ROOT, ROOT]] })
  const { exec, podman, host } = podman5
  const script = (name: string) => exec(['sh', `${ROOT}/scripts/${name}`], { check: false })
  await exec(['rm', DRIVER])
  // The executable is mounted into this host, but install.sh needs a file to replace.
  await exec(['umount', '/opt/cni/bin/flatnet-cni'])
  const first = await script('install.sh')
  t.equal(first.exitCode, 0, first.stdout + first.stderr)
  t.match(first.stdout, /podman network create --driver flatnet-cni flatnet/)
  t.equal((await exec(['readlink', DRIVER])).stdout, '/opt/cni/bin/flatnet-cni')
  await sleeping(podman5, 'web', ['--network', 'flatnet'])
  const again = await script('install.sh')
  t.match(again.stdout, /podman's network is there, left alone: flatnet/)
  t.notMatch(again.stdout, /network create/)
  const check = await exec(
    ['/opt/cni/bin/flatnet-cni', 'check', '--group', 'CNI', '--verbose', '--timeout', '60s'],
    { check: false },
  )
  t.match(check.stdout, /CNI-012 .*\n?.*flatnet\.json, 10\.87\.1\.0\/24/, 'check finds both')
  t.notMatch(check.stdout, /^\s*(✗|fail)/m)

  await exec(['/opt/cni/bin/flatnet-cni', 'bundle', '-o', '/tmp/b.tar.gz'], { check: false })
  t.match(
    (await exec(['busybox', 'tar', '-tzf', '/tmp/b.tar.gz'])).stdout,
    /podman\/flatnet\.json/,
    'the bundle finds both',
  )

  const running = await script('uninstall.sh')
  t.equal(running.exitCode, 1)
  t.match(running.stderr, /attachments remain/)
  await podman(['stop', '-t', '0', 'web'])
  const stopped = await script('uninstall.sh')
  t.equal(stopped.exitCode, 1)
  t.match(stopped.stderr, /containers use podman's network flatnet: podman ps --all --filter network=flatnet/)
  await podman(['rm', 'web'])
  const gone = await script('uninstall.sh')
  t.equal(gone.exitCode, 0, gone.stdout + gone.stderr)
  t.equal((await podman(['network', 'ls', '-q'])).stdout, 'podman')
  t.equal((await exec(['ls', DRIVER], { check: false })).stdout, '')
  t.same(await host.remains(), [])
})
