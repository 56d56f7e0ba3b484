// The lab's command line: two or more WSL2 hosts, their Windows, a LAN and a lighthouse, all on this
// machine.
import { parseArgs } from 'node:util'
import { spawnSync } from 'node:child_process'
import { downLab } from '../down.ts'
import { CUT_HOWS, type CutHow } from '../network/faults.ts'
import { openLab, type Lab } from '../lab.ts'
import { NEBULA_SERIES, nebulaVersion, type NebulaSeries } from '../nebula/packages.ts'
import { listOrphans } from '../state.ts'
import { describeLab } from './status.ts'
import { keepLab, upLab } from '../up.ts'

const USAGE = `usage: node scripts/lab/command/main.ts <verb> [--name NAME]
  up [--hosts 2] [--nebula 1.11|1.9|1.6] [--ipv6]   make a lab that stays until 'down'
  down                                              remove everything it made
  status                                            what is where, and what answers
  exec PLACE [--] COMMAND…                          run in a (or host-a), win-a, lan, lighthouse
  cut [HOST…] [--how nebula|underlay]               cut the direct path (default: stop Nebula everywhere)
  mend                                              restore it and wait until Nebula answers
  reboot HOST                                       like wsl --shutdown and a new start
  sweep                                             remove labs whose test or demo was killed
`

async function main(argv: readonly string[]): Promise<number> {
  const separator = argv.indexOf('--')
  const isExec = argv[0] === 'exec'
  const own = separator === -1 ? argv : argv.slice(0, separator)
  const { values, positionals } = parseArgs({
    args: [...own],
    allowPositionals: true,
    options: {
      name: { type: 'string', default: 'flatnet' },
      hosts: { type: 'string', default: '2' },
      nebula: { type: 'string', default: '1.11' },
      how: { type: 'string', default: 'nebula' },
      ipv6: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const [verb, ...rest] = positionals
  if (values.help || verb === undefined) {
    process.stdout.write(USAGE)
    return values.help ? 0 : 2
  }
  if (isExec) {
    const command = separator === -1 ? rest.slice(1) : argv.slice(separator + 1)
    return execIn(await openLab(values.name), rest[0] ?? '', command)
  }
  switch (verb) {
    case 'up': {
      const nebula = oneOf<NebulaSeries>('--nebula', values.nebula, NEBULA_SERIES)
      const lab = await upLab({ name: values.name, hosts: Number(values.hosts), nebula, ipv6: values.ipv6 })
      await keepLab(lab)
      say(`lab ${values.name} is up: Nebula ${await nebulaVersion(nebula)}, ${lab.hosts.length} hosts`)
      return 0
    }
    case 'down':
      holdOn()
      await downLab(values.name)
      return 0
    case 'sweep':
      holdOn()
      for (const name of await listOrphans()) await downLab(name)
      return 0
    case 'status':
      say(await describeLab(await openLab(values.name)))
      return 0
    case 'cut':
      await (await openLab(values.name)).cut(rest, oneOf<CutHow>('--how', values.how, CUT_HOWS))
      return 0
    case 'mend':
      await (await openLab(values.name)).mend()
      return 0
    case 'reboot':
      await (await openLab(values.name)).reboot(rest[0] ?? '')
      return 0
    default:
      process.stderr.write(`unknown verb '${verb}'\n${USAGE}`)
      return 2
  }
}

// The command gets this terminal itself, which execa's pipes would not provide.
function execIn(lab: Lab, where: string, command: readonly string[]): number {
  if (command.length === 0) throw new Error('exec needs a place and a command')
  const [file = '', ...args] = lab.place(where).argv(command)
  return spawnSync(file, args, { stdio: 'inherit', env: lab.place(where).env }).status ?? 1
}

// A second Ctrl-C must not interrupt the clean-up.
function holdOn(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value)
  if (found === undefined) throw new Error(`${option} ${value}: one of ${allowed.join(', ')}`)
  return found
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
