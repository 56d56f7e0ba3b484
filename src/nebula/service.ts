// How people start, restart and reload the Nebula of a host, as steps in words. What runs it has another name
// on each host: join makes flatnet-nebula, Debian's package has nebula@config, others call it nebula.

/** What runs Nebula on a host. 'unknown': none of our ways, or several. */
export type NebulaService =
  | { readonly kind: 'unit'; readonly unit: string }
  | { readonly kind: 'script'; readonly path: string }
  | { readonly kind: 'unknown' }

/** The steps in words that hold on every host. */
export const NEBULA = {
  start:
    'systemctl enable --now flatnet-nebula   # where join made this unit; else that of the package ' +
    '(nebula@config, nebula)',
  restart: 'systemctl restart flatnet-nebula   # or the unit that runs Nebula here (nebula@config, nebula)',
  reload: 'pkill -HUP -x nebula',
  status: 'systemctl status flatnet-nebula   # or the unit that runs Nebula here (nebula@config, nebula)',
  log: 'journalctl -n 20 -u flatnet-nebula -u nebula@config -u nebula',
} as const

type NebulaStep = keyof typeof NEBULA

const STEPS = Object.keys(NEBULA) as readonly NebulaStep[]

/** Returns a step for the service of this host. */
export function nebulaStep(step: NebulaStep, service: NebulaService): string {
  if (service.kind === 'unknown') return NEBULA[step]
  return service.kind === 'unit' ? ofUnit(step, service.unit) : ofScript(step, service.path)
}

/** Tells whether a step is one of {@link NEBULA}. */
export function isNebulaStep(text: string): boolean {
  return STEPS.some((step) => NEBULA[step] === text)
}

/** Returns steps with those of {@link NEBULA} replaced by the ones of this host. */
export function stepsHere(steps: readonly string[], service: NebulaService): readonly string[] {
  return steps.map((text) => {
    const step = STEPS.find((each) => NEBULA[each] === text)
    return step === undefined ? text : nebulaStep(step, service)
  })
}

function ofUnit(step: NebulaStep, unit: string): string {
  const name = unit.replace(/\.service$/, '')
  switch (step) {
    case 'start':
      return `systemctl enable --now ${name}`
    case 'log':
      return `journalctl -n 20 -u ${name}`
    case 'reload':
      return CAN_RELOAD.test(name) ? `systemctl reload ${name}` : `systemctl kill -s HUP ${name}`
    case 'restart':
    case 'status':
      return `systemctl ${step} ${name}`
  }
}

// Others may have no ExecReload= (systemd.service(5)).
const CAN_RELOAD = /^(?:flatnet-nebula|nebula(?:@.*)?)$/

function ofScript(step: NebulaStep, path: string): string {
  switch (step) {
    case 'start':
    case 'restart':
      return `${path} ${step}`
    case 'reload':
      return NEBULA.reload
    case 'status':
      return 'pgrep -a -x nebula'
    case 'log':
      return 'tail -n 20 /var/log/flatnet-nebula.log'
  }
}
