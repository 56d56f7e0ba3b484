// join where systemd is: it starts everything, waits for the lighthouse and checks; leave stops it. systemctl
// is a stand-in that runs what the units say.

import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { type Machine, makeMachines } from '../../fixtures/office/machines.ts'
import { type Added, makeTestOffice } from '../../fixtures/office/office.ts'

const skip = whyNoHost() || whyNoLab()

const SYSTEMCTL = `#!/bin/sh
echo "$*" >>/run/systemctl.log
mkdir -p /run/active
end() { [ ! -e "/run/active/$1" ] || { kill "$(cat "/run/active/$1")"; rm "/run/active/$1"; }; }
case $1 in
  is-active) [ -e "/run/active/$3" ] ;;
  restart)
    end "$2"
    command=$(sed -n 's/^ExecStart=//p' "/etc/systemd/system/$2")
    setsid $command </dev/null >>"/var/log/$2.log" 2>&1 &
    echo $! >"/run/active/$2"
    ;;
  disable) end "$3" ;;
esac
`

async function withSystemd(machine: Machine): Promise<void> {
  const path = machine.at('/opt/cni/bin/systemctl')
  writeFileSync(path, SYSTEMCTL)
  chmodSync(path, 0o755)
  await machine.exec(['mkdir', '-p', '/run/systemd/system'])
}

async function join(machine: Machine, { file, code }: Added): Promise<string> {
  copyFileSync(file, machine.at('/etc/bundle'))
  const input = `${code ?? ''}\n`
  const { stdout, stderr } = await machine.exec(['flatnet-cni', 'join', '/etc/bundle'], {
    check: false,
    input,
  })
  return stdout + stderr
}

t.test('join starts, waits and checks; a new bundle restarts; leave stops', { skip }, async (t) => {
  const office = await makeTestOffice(t)
  const added = await office.add('host-a')
  const { lh, a } = await makeMachines(t, { lh: 1, a: 11 })
  for (const machine of [lh, a]) await withSystemd(machine)

  const first = await join(lh, office.lighthouse)
  t.match(first, /^create +0644 +root +\/etc\/systemd\/system\/flatnet-nebula\.service/m)
  t.match(first, /this is the only lighthouse/)
  t.match(first, /Next: join the other hosts/)

  const said = await join(a, added)
  t.match(said, /lighthouse lighthouse answers/, said)
  t.match(said, /flatnet-cni check on a/)
  t.match(said, /Next: podman run --rm --network flatnet alpine ip address/)
  const asked = async (): Promise<string> => (await a.exec(['cat', '/run/systemctl.log'])).stdout
  t.match(
    await asked(),
    /daemon-reload\nenable flatnet-nebula\.service\nrestart flatnet-nebula\.service\nenable flatnet-agent/,
  )

  const before = (await asked()).match(/restart/g)?.length
  t.match(await join(a, added), /runs flatnet-nebula\.service/)
  t.equal((await asked()).match(/restart/g)?.length, before, 'nothing to restart')
  const newer = await office.add('host-a', '--again', '--out', 'newer')
  t.match(await join(a, newer), /restart flatnet-nebula\.service[^]*lighthouse lighthouse answers/)

  await a.exec(['flatnet-cni', 'leave'])
  t.match(await asked(), /disable --now flatnet-agent\.service\ndisable --now flatnet-nebula\.service/)
  t.notOk(existsSync(a.at('/etc/systemd/system/flatnet-agent.service')))
  t.match(readFileSync(lh.at('/etc/nebula/config.yml'), 'utf8'), /am_lighthouse: true/)
})
