// A process to run, and its result.

/** One process to run. `args` excludes the program's name. `input` is the whole of stdin (default: empty). */
export interface Command {
  /** The name of a program, or the path of Nebula's or nginx's executable. */
  readonly file:
    | 'ip'
    | 'nft'
    | 'iptables-legacy'
    | 'ip6tables-legacy'
    | 'tc'
    | 'ss'
    | 'tee'
    | 'cat'
    | 'sh'
    | 'ping'
    | 'journalctl'
    | 'logger'
    | 'podman'
    | 'nerdctl'
    | 'modprobe'
    | 'systemctl'
    | 'systemd-notify'
    | 'nebula-cert'
    | 'wslinfo'
    | 'wslpath'
    | `/${string}/nebula`
    | `/${string}/nebula-cert`
    | `/${string}/nginx`
    | `/${string}/powershell.exe`
  readonly args: readonly string[]
  readonly input?: string
  /** Absolute path of the network namespace to run in; the caller's own by default. */
  readonly netns?: string
  /** Run it in a new network namespace, which disappears with it. */
  readonly apart?: boolean
  /** How many more descriptors, from 3 on, the process may write to; only in a runtime's call. */
  readonly outputs?: number
  /** Milliseconds to wait before the process is killed; 60,000 by default. */
  readonly timeoutMs?: number
  /** Names of environment variables to pass on. */
  readonly pass?: readonly string[]
  /** Variables for this process: a secret must not be an argument, which every user can read. */
  readonly secrets?: Readonly<Record<string, string>>
}

/**
 * The result of a process that exited by itself, with any exit code. Texts are complete, including the final
 * newline.
 */
export interface Outcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** What came on each descriptor of `outputs`. */
  readonly more?: readonly string[]
}

/**
 * Runs one command to its end. Resolves for any exit code. Throws CniError(IoFailure) if the program is
 * missing, was killed by a signal, or took longer than `timeoutMs`, and CniError(InvalidNetns) if the netns
 * is not an absolute path.
 */
export type Run = (command: Command) => Promise<Outcome>

/** The Debian package of each program, named in the error for a missing program. */
export const PACKAGES: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nft: 'nftables',
  'iptables-legacy': 'iptables',
  'ip6tables-legacy': 'iptables',
  tc: 'iproute2',
  ss: 'iproute2',
  tee: 'coreutils',
  cat: 'coreutils',
  sh: 'dash',
  ping: 'iputils-ping',
  journalctl: 'systemd',
  logger: 'bsdutils',
  podman: 'podman',
  nerdctl: 'nerdctl',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  modprobe: 'kmod',
  systemctl: 'systemd',
  'systemd-notify': 'systemd',
  'nebula-cert': 'nebula',
  wslinfo: 'wsl',
  wslpath: 'wsl',
}

/** Programs that mostly wait for something else and use no processor time meanwhile. */
export const WAITING: ReadonlySet<string> = new Set([
  'ping',
  'journalctl',
  'podman',
  'nerdctl',
  'systemctl',
  'systemd-notify',
  'systemctl',
  'wslinfo',
  'wslpath',
])
