import t from 'tap'
import { NEBULA, nebulaStep, stepsHere } from '../../../src/nebula/service.ts'

t.test('steps name what runs Nebula here', async (t) => {
  const steps = ['edit the file', NEBULA.restart, NEBULA.reload, NEBULA.log]
  t.same(stepsHere(steps, { kind: 'unit', unit: 'nebula@config.service' }), [
    'edit the file',
    'systemctl restart nebula@config',
    'systemctl reload nebula@config',
    'journalctl -n 20 -u nebula@config',
  ])
  const path = '/opt/cni/bin/flatnet-start.sh'
  t.same(stepsHere(steps, { kind: 'script', path }), [
    'edit the file',
    `${path} restart`,
    'pkill -HUP -x nebula',
    'tail -n 20 /var/log/flatnet-nebula.log',
  ])
  t.same(stepsHere(steps, { kind: 'unknown' }), steps)
  t.equal(nebulaStep('start', { kind: 'unit', unit: 'vpn.service' }), 'systemctl enable --now vpn')
  t.equal(nebulaStep('reload', { kind: 'unit', unit: 'vpn.service' }), 'systemctl kill -s HUP vpn')
  t.equal(nebulaStep('status', { kind: 'script', path }), 'pgrep -a -x nebula')
})
