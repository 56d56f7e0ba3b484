// One step of setting Windows up, as data. scripts/windows/*.ps1 have a function for each.

/** How the plan shows a step, and where it is on Windows. */
export type WindowsStep =
  /** A file below %ProgramFiles%\flatnet: one of the scripts, or `text`. */
  | { readonly kind: 'script'; readonly name: string }
  | { readonly kind: 'settings'; readonly text: string }
  /** A file of the user. `expect` is the SHA-256 of what is there, '' if nothing is. A copy is kept. */
  | {
      readonly kind: 'user-file'
      readonly path: string
      readonly expect: string
      readonly bytes: Buffer
      readonly what: string
    }
  | { readonly kind: 'forwarding'; readonly alias: string }
  | { readonly kind: 'route'; readonly destination: string; readonly nextHop: string; readonly alias: string }
  | { readonly kind: 'port-proxy'; readonly port: number; readonly address: string; readonly alias: string }
  /** Windows' own firewall lets a port in, in private and domain networks. */
  | { readonly kind: 'firewall'; readonly name: string; readonly protocol: Protocol; readonly port: number }
  /** The firewall between Windows and WSL lets a port in. */
  | {
      readonly kind: 'hyper-v-port'
      readonly name: string
      readonly protocol: Protocol
      readonly port: number
    }
  /** It lets all packets from a network in. */
  | { readonly kind: 'hyper-v-pool'; readonly name: string; readonly from: string }
  /** The task that keeps forwarding, routes and port proxy right. */
  | { readonly kind: 'sync-task' }
  /** The task that keeps the distribution running. */
  | { readonly kind: 'keep-alive'; readonly distribution: string; readonly sid: string }

type Protocol = 'TCP' | 'UDP'

/** Says in one line what a step changes. */
export function stepText(step: WindowsStep): string {
  switch (step.kind) {
    case 'script':
      return `put ${step.name} into %ProgramFiles%\\flatnet`
    case 'settings':
      return 'put settings.json into %ProgramFiles%\\flatnet'
    case 'user-file':
      return `write ${step.what} into ${step.path}${step.expect === '' ? '' : ' (a copy is kept)'}`
    case 'forwarding':
      return `forward IPv4 packets on "${step.alias}"`
    case 'route':
      return `route ${step.destination} via ${step.nextHop} on "${step.alias}"`
    case 'port-proxy':
      return `forward TCP ${String(step.port)} of Windows to ${step.address}`
    case 'firewall':
      return `let TCP ${String(step.port)} in, in private and domain networks (rule ${step.name})`
    case 'hyper-v-port':
      return `let ${step.protocol} ${String(step.port)} into WSL (Hyper-V rule ${step.name})`
    case 'hyper-v-pool':
      return `let packets from ${step.from} into WSL (Hyper-V rule ${step.name})`
    case 'sync-task':
      return 'run flatnet-sync.ps1 as the system at logon, after sleep and every minute (task flatnet\\sync)'
    case 'keep-alive':
      return `keep ${step.distribution} running from logon on (task flatnet\\keep-alive)`
  }
}
