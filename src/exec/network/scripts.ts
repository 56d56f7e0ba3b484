// Several commands as one shell script. A verb pays for each process that it starts itself: the kernel copies
// the page tables of Node, and Node sets up pipes and an event loop (docs/startup.md). A shell is small.
//
// The texts of the scripts are fixed. What differs comes as positional parameters, which a shell expands once
// and never reads as code, neither between double quotes nor in a here-document (POSIX, Shell Command
// Language, 2.2.3 and 2.7.4).

import { isAbsolute } from 'node:path'
import { CniCode, CniError } from '../../cni/error.ts'
import type { Outcome } from '../command.ts'
import { isCall, run } from '../run.ts'

// What a here-document leaves as it is, whatever the shell: no backslash, no control or 8-bit character. The
// kernel takes 128 KiB for one argument (execve(2), MAX_ARG_STRLEN).
const UNFIT = /[^\n -[\]-~]/
const MOST_BYTES = 100_000

// $1 the host's link, $2 the container's namespace, $3 the batch for the host, $4 the one for the container,
// $5 to $7 texts for nft. The first nft writes to descriptor 1, the others to 6 and 7, each `ip` its refusals
// to 3 and 4, and the shell all exit codes to 5. The container's part needs the host's, and a plugin that
// still lives: after one that was killed, a DEL may come, and must come last.
const ATTACH = `n= m= o= i=-
if [ -n "$5" ]; then
nft --terse -f - 2>/dev/null <<END &
$5
END
n=$!
fi
if [ -n "$6" ]; then
nft --terse -f - 2>/dev/null >&6 <<END &
$6
END
m=$!
fi
if [ -n "$7" ]; then
nft --terse -f - 2>/dev/null >&7 <<END &
$7
END
o=$!
fi
ip -batch - >/dev/null 2>&3 <<END
$3
END
h=$?
read -r _ _ _ parent _ </proc/self/stat
if [ "$h" = 0 ] && [ "$parent" = "$PPID" ]; then
if [ -e "/proc/sys/net/ipv6/conf/$1/accept_ra" ]; then echo 0 >"/proc/sys/net/ipv6/conf/$1/accept_ra"; fi
nsenter --net="$2" ip -batch - >/dev/null 2>&4 <<END
$4
END
i=$?
fi
if [ -n "$n" ]; then wait "$n"; n=$?; fi
if [ -n "$m" ]; then wait "$m"; m=$?; fi
if [ -n "$o" ]; then wait "$o"; o=$?; fi
echo "$h $i \${n:--} \${m:--} \${o:--}" >&5`

/** The parts of {@link attachByScript}. */
export interface AttachScript {
  readonly hostLink: string
  /** The path of the container's network namespace. */
  readonly netns: string
  /** Texts of `ip -batch`. */
  readonly host: string
  readonly container: string
  /** At most three texts for nft, each for a process of its own. */
  readonly nft: readonly string[]
}

/** What came of each part. */
export interface AttachOutcome {
  readonly host: Outcome
  /** Undefined if the container's batch was not run. */
  readonly container: Outcome | undefined
  /** The output of each nft; undefined for one that failed. */
  readonly nft: readonly (string | undefined)[]
}

/**
 * Runs a batch of `ip` in the host's namespace, then one in the container's, and nft beside them. Host links
 * ignore router advertisements before the container's end is up.
 * @returns undefined, with nothing done, if this process or a text is not fit for it
 * @throws CniError IoFailure if the script or an `ip` did not end by itself
 */
export async function attachByScript(script: AttachScript): Promise<AttachOutcome | undefined> {
  const { hostLink, netns, host, container, nft } = script
  const texts = [hostLink, netns, host, container, ...nft]
  if (!isCall() || !isAbsolute(netns) || nft.length > 3 || !texts.every(isFit)) return undefined
  const outcome = await runAttach(texts)
  if (outcome === undefined) return undefined
  const [hostSaid = '', containerSaid = '', codes = '', second = '', third = ''] = outcome.more ?? []
  const [hostCode, containerCode, ...nftCodes] = codes.trim().split(' ')
  if (hostCode === undefined || containerCode === undefined || nftCodes.length !== 3)
    throw new CniError(CniCode.IoFailure, 'command did not end', `"sh" of ADD: ${outcome.stderr.trim()}`)
  if (hostCode === MISSING) return undefined
  return {
    host: ipOutcome(hostCode, hostSaid),
    container: [MISSING, '-'].includes(containerCode) ? undefined : ipOutcome(containerCode, containerSaid),
    nft: nft.map((_, index) =>
      nftCodes[index] === '0' ? [outcome.stdout, second, third][index] : undefined,
    ),
  }
}

// Returns undefined if there is no shell.
async function runAttach(texts: readonly string[]): Promise<Outcome | undefined> {
  try {
    return await run({ file: 'sh', args: ['-c', ATTACH, 'sh', ...texts], outputs: 5 })
  } catch (error) {
    if (error instanceof CniError && error.message === 'program missing') return undefined
    throw error
  }
}

function isFit(text: string): boolean {
  return text.length <= MOST_BYTES && !UNFIT.test(text)
}

// A shell's exit code for a program that it cannot find. The caller runs that command again by itself, which
// names the package.
const MISSING = '127'

function ipOutcome(code: string, stderr: string): Outcome {
  const exitCode = Number(code)
  // A shell adds 128 to the number of a signal; `ip` itself ends with at most 2, or with 255.
  if (exitCode > 128 && exitCode <= 192) {
    const how = `was killed by signal ${String(exitCode - 128)}`
    throw new CniError(CniCode.IoFailure, 'command did not end', `"ip -batch -" ${how}`)
  }
  return { exitCode, stdout: '', stderr }
}

// $1 a link, $2 a text for nft. The process in the background has none of our pipes, so nothing waits for its
// end; init reaps it.
const DELETE = `if [ -n "$2" ]; then
nft -f - >/dev/null 2>&1 <<END || exit 1
$2
END
fi
exec </dev/null >/dev/null 2>&1
ip link delete dev "$1" &`

/**
 * Runs nft with a text, if there is one, and starts to delete a link if that succeeds. Whether the link goes,
 * the caller must see for itself. Returns false, with the link untouched, if nft refuses the text or there is
 * no shell.
 */
export async function deleteLinkByScript(link: string, nft: string): Promise<boolean> {
  if (!isFit(link) || !isFit(nft)) return false
  try {
    return (await run({ file: 'sh', args: ['-c', DELETE, 'sh', link, nft] })).exitCode === 0
  } catch (error) {
    if (error instanceof CniError) return false
    throw error
  }
}
