// The faults that the agent is measured by (docs/failover.md has the figures).
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { signalAgent, startAgent } from '../../lab/host/agent.ts'
import { hostIdentity, signCertificate } from '../../lab/nebula/certificates.ts'
import { impair, type Impairment } from '../../lab/network/impair.ts'
import { type Lab, pkiFolder } from '../../lab/lab.ts'
import type { LabHost } from '../../lab/host/lab-host.ts'
import { HOST_NEBULA, startNebula } from '../../lab/nebula/nebula.ts'
import type { Scenario } from './scenario.ts'

const onB = (fault: Impairment) => (lab: Lab) => impair(lab.host('b'), fault)

/** All scenarios; `holdMs` is the duration of the fault. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'black hole, both ways', reasons: ['silence'], holdMs: 6000, begin: onB({ kind: 'black-hole' }) },
  {
    name: 'black hole, one way',
    reasons: ['one-way', 'peer-said'],
    holdMs: 6000,
    begin: onB({ kind: 'one-way' }),
  },
  // Nearly a tenth of the probes over both directions: about the limit, over a window of 25 s.
  { name: 'loss 5 %', reasons: ['loss'], holdMs: 60_000, begin: onB({ kind: 'loss', percent: 5 }) },
  { name: 'loss 10 %', reasons: ['loss'], holdMs: 15_000, begin: onB({ kind: 'loss', percent: 10 }) },
  {
    name: 'loss 20 %',
    reasons: ['loss'],
    holdMs: 15_000,
    begin: onB({ kind: 'loss', percent: 20 }),
  },
  {
    name: 'loss 50 %',
    reasons: ['loss'],
    holdMs: 10_000,
    begin: onB({ kind: 'loss', percent: 50 }),
  },
  { name: 'delay +1 s', reasons: ['latency'], holdMs: 15_000, begin: onB({ kind: 'delay', ms: 1000 }) },
  { name: 'MTU hole', reasons: ['mtu'], holdMs: 12_000, begin: onB({ kind: 'mtu-hole' }) },
  {
    name: 'Nebula killed on one side',
    reasons: ['link-gone', 'nebula-restarted', 'silence'],
    holdMs: 6000,
    begin: nebulaKilled,
  },
  { name: 'Nebula stopped (SIGSTOP)', reasons: ['silence', 'peer-said'], holdMs: 6000, begin: nebulaStopped },
  {
    name: 'Nebula restarted',
    reasons: ['link-gone', 'nebula-restarted'],
    holdMs: 3000,
    begin: nebulaRestarted,
  },
  { name: 'agent killed', reasons: ['peer-agent-gone', 'peer-said'], holdMs: 6000, begin: agentKilled },
  {
    name: 'agent stopped (SIGSTOP)',
    reasons: ['agent-stalled', 'peer-said'],
    holdMs: 5000,
    begin: agentStopped,
  },
  { name: 'lighthouse down', reasons: [], holdMs: 6000, begin: lighthouseDown },
  { name: 'both paths down', reasons: [], holdMs: 5000, begin: onB({ kind: 'both-paths' }) },
  { name: 'host paused', reasons: [], holdMs: 5000, begin: hostPaused },
  { name: 'eth0 address changed', reasons: [], holdMs: 5000, begin: addressChanged },
  {
    name: 'certificate of a peer replaced',
    reasons: ['certificate', 'peer-said', 'silence'],
    holdMs: 5000,
    begin: certificateReplaced,
  },
]

async function nebulaSignal(host: LabHost, signal: string): Promise<void> {
  await host.exec(['sh', '-c', 'kill -s "$1" "$(cat "$2")"', 'sh', signal, HOST_NEBULA.pidFile])
}

async function nebulaKilled(lab: Lab): Promise<() => Promise<void>> {
  const b = lab.host('b')
  await nebulaSignal(b, 'KILL')
  return () => startNebula(b, lab.record.nebula, HOST_NEBULA)
}

async function nebulaStopped(lab: Lab): Promise<() => Promise<void>> {
  const b = lab.host('b')
  await nebulaSignal(b, 'STOP')
  return () => nebulaSignal(b, 'CONT')
}

async function nebulaRestarted(lab: Lab): Promise<() => Promise<void>> {
  const b = lab.host('b')
  await nebulaSignal(b, 'KILL')
  await new Promise((resolve) => setTimeout(resolve, 300))
  await startNebula(b, lab.record.nebula, HOST_NEBULA)
  return async () => Promise.resolve()
}

async function agentKilled(lab: Lab): Promise<() => Promise<void>> {
  const b = lab.host('b')
  await signalAgent(b, 'KILL')
  return () => startAgent(b)
}

async function agentStopped(lab: Lab): Promise<() => Promise<void>> {
  const b = lab.host('b')
  await signalAgent(b, 'STOP')
  return () => signalAgent(b, 'CONT')
}

async function lighthouseDown(lab: Lab): Promise<() => Promise<void>> {
  const pidFile = join(lab.folder, 'lighthouse/pid')
  const signal = (name: string) =>
    lab.lighthouse.exec(['sh', '-c', 'kill -s "$1" "$(cat "$2")"', 'sh', name, pidFile])
  await signal('STOP')
  return async () => {
    await signal('CONT')
  }
}

// Freezes every process in the host except its holder and us, like closing a laptop's lid.
async function hostPaused(lab: Lab): Promise<() => Promise<void>> {
  const b = lab.host('b')
  const each =
    'for p in /proc/[0-9]*; do p=${p#/proc/}; ' +
    '[ "$p" != 1 ] && [ "$p" != $$ ] && kill -s "$1" "$p" 2>/dev/null; done; :'
  await b.exec(['sh', '-c', each, 'sh', 'STOP'])
  return async () => {
    await b.exec(['sh', '-c', each, 'sh', 'CONT'])
  }
}

// WSL2 assigns a new address at its next start; Nebula and the routes must follow.
async function addressChanged(lab: Lab): Promise<() => Promise<void>> {
  const b = lab.host('b')
  const { wsl, windows, subnet } = b.plan.v4
  const other = wsl.replace(/\.2$/, '.99')
  const change = async (from: string, to: string): Promise<void> => {
    const input = [
      `address delete ${from}/24 dev eth0`,
      `address add ${to}/24 dev eth0`,
      `route replace default via ${windows} dev eth0`,
    ]
    await b.exec(['ip', '-batch', '-'], { input: `${input.join('\n')}\n` })
    await b.windows.exec(['ip', 'route', 'replace', subnet, 'via', to])
  }
  await change(wsl, other)
  return () => change(other, wsl)
}

async function certificateReplaced(lab: Lab): Promise<() => Promise<void>> {
  const [a, b] = [lab.host('a'), lab.host('b')]
  const folder = await mkdtemp(join(tmpdir(), 'flatnet-renewed-'))
  await copyFile(join(pkiFolder(lab), 'ca.crt'), join(folder, 'ca.crt'))
  await copyFile(join(pkiFolder(lab), 'ca.key'), join(folder, 'ca.key'))
  await signCertificate(folder, lab.record.nebula, lab.record.ipv6, hostIdentity(b.plan))
  await copyFile(join(folder, `${b.name}.crt`), join(b.files, 'own/etc/nebula/host.crt'))
  await copyFile(join(folder, `${b.name}.key`), join(b.files, 'own/etc/nebula/host.key'))
  await copyFile(join(folder, `${b.name}.crt`), join(a.files, `own/etc/flatnet/peers.d/${b.name}.crt`))
  await rm(folder, { recursive: true })
  await nebulaSignal(b, 'HUP')
  await signalAgent(b, 'HUP')
  await signalAgent(a, 'HUP')
  return async () => Promise.resolve()
}
