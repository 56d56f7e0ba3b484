// WSL-004: WSL does not shut an idle distribution down.

import { checkItem, type Finding } from '../../item.ts'

// Milliseconds; a day is as good as never.
const LONG = 86_400_000

export const keepAliveItem = checkItem({
  id: 'WSL-004',
  title: 'WSL keeps this distribution running',
  fault: 'WSL stops this distribution when it is idle',
  why:
    'WSL stops a distribution 15 seconds after its last window is closed, services or not: ' +
    'its containers disappear from the network.',
  causes: [
    '%UserProfile%\\.wslconfig does not say instanceIdleTimeout=-1.',
    'No task starts WSL when Windows starts.',
  ],
  steps: [
    'in %UserProfile%\\.wslconfig: [general] instanceIdleTimeout=-1 and [wsl2] vmIdleTimeout=-1',
    'PowerShell: wsl --shutdown',
    'PowerShell: schtasks /Create /TN flatnet /SC ONLOGON /TR "wsl.exe -d DISTRIBUTION -u root ' +
      '--exec /bin/true"',
  ],
  needs: ['wsl'],
  pre: true,
  inWslOnly: true,
  judge: ({ wsl: { windowsConfig, seesWindowsDisk } }): Finding => {
    if (windowsConfig === undefined) {
      return seesWindowsDisk
        ? {
            verdict: 'warn',
            seen: 'there is no .wslconfig, so WSL stops the distribution after 15 seconds without a window',
          }
        : { verdict: 'skip', seen: "Windows' disk is not mounted, so .wslconfig cannot be read" }
    }
    const { path, values } = windowsConfig
    const [instance, machine] = ['general.instanceidletimeout', 'wsl2.vmidletimeout'].map((key) =>
      values.get(key),
    )
    if (isLong(instance)) return { verdict: 'ok', seen: `instanceIdleTimeout=${instance ?? ''} in ${path}` }
    const said = `instanceIdleTimeout=${instance ?? 'not set'}, vmIdleTimeout=${machine ?? 'not set'}`
    return { verdict: 'warn', seen: `${path}: ${said}` }
  },
})

function isLong(text: string | undefined): boolean {
  const value = Number(text)
  return text !== undefined && text !== '' && (value < 0 || value >= LONG)
}
