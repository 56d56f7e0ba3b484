// The CNI environment variables of one call: which verb requires which, and their valid values (CNI SPEC
// 1.1.0, section 2).

import { CniCode, CniError } from './error.ts'

/** The verbs for one attachment, and the verbs for a whole network. */
type AttachmentVerb = 'ADD' | 'DEL' | 'CHECK'
type NetworkVerb = 'GC' | 'STATUS'

/** A call for a network. */
export interface NetworkEnvironment {
  readonly verb: NetworkVerb
}

/** The environment of a call for one attachment. `netns` is empty if DEL received none. */
export interface CniEnvironment {
  readonly verb: AttachmentVerb
  readonly containerID: string
  readonly ifname: string
  readonly netns: string
  readonly args: ReadonlyMap<string, string>
  readonly allowOwnNetns: boolean
}

type Variables = Readonly<Record<string, string | undefined>>

// SPEC 1.1.0, section 2, "Parameters": the container ID starts with an alphanumeric character.
const CONTAINER_ID = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

// SPEC 1.1.0, section 2. It also requires CNI_PATH for GC, to find delegates; this plugin has none.
const REQUIRED: Readonly<Record<AttachmentVerb | NetworkVerb, readonly string[]>> = {
  ADD: ['CNI_CONTAINERID', 'CNI_IFNAME', 'CNI_NETNS'],
  DEL: ['CNI_CONTAINERID', 'CNI_IFNAME'],
  CHECK: ['CNI_CONTAINERID', 'CNI_IFNAME', 'CNI_NETNS'],
  GC: [],
  STATUS: [],
}

/**
 * Reads and checks the variables of every verb except VERSION, which needs none.
 * @throws CniError InvalidEnvironment naming all missing variables, or the invalid one.
 */
export function parseEnvironment(variables: Variables): CniEnvironment | NetworkEnvironment {
  const verb = parseVerb(variables['CNI_COMMAND'] ?? '')
  const required = REQUIRED[verb]
  const missing = required.filter((name) => (variables[name] ?? '') === '')
  if (missing.length > 0) throw invalid(`${verb} needs ${missing.join(', ')}`)
  return verb === 'GC' || verb === 'STATUS' ? { verb } : parseAttachment(verb, variables)
}

function parseVerb(text: string): AttachmentVerb | NetworkVerb {
  if (Object.hasOwn(REQUIRED, text)) return text as AttachmentVerb | NetworkVerb
  throw invalid(`CNI_COMMAND=${text}: is not a CNI verb (${Object.keys(REQUIRED).join(', ')}, VERSION)`)
}

function parseAttachment(verb: AttachmentVerb, variables: Variables): CniEnvironment {
  const containerID = variables['CNI_CONTAINERID'] ?? ''
  if (!isContainerId(containerID)) {
    throw invalid(
      `CNI_CONTAINERID=${JSON.stringify(containerID)}: may have only letters, digits, "_", "." and "-"`,
    )
  }
  const ifname = variables['CNI_IFNAME'] ?? ''
  // DEL follows every ADD, including one refused for a name or path that is legal but unsupported here. DEL
  // uses neither, so it applies only the kernel's rule.
  const problem = verb === 'DEL' ? kernelNameProblem(ifname) : interfaceNameProblem(ifname)
  if (problem !== undefined) throw invalid(`CNI_IFNAME=${JSON.stringify(ifname)}: ${problem}`)
  const netns = variables['CNI_NETNS'] ?? ''
  const pathProblem = verb === 'DEL' ? undefined : netnsPathProblem(netns)
  if (pathProblem !== undefined) throw invalid(`CNI_NETNS=${JSON.stringify(netns)}: ${pathProblem}`)
  const override = variables['CNI_NETNS_OVERRIDE'] ?? ''
  return {
    verb,
    containerID,
    ifname,
    netns,
    args: verb === 'DEL' ? new Map() : parseArgs(variables['CNI_ARGS'] ?? ''),
    allowOwnNetns: override === '1' || override.toUpperCase() === 'TRUE',
  }
}

/** Returns whether a text can be a container ID. */
export function isContainerId(text: string): boolean {
  return CONTAINER_ID.test(text)
}

/** Returns why `path` cannot be the path of a container's namespace, or undefined if it can. */
export function netnsPathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'not an absolute path'
  return /^[A-Za-z0-9_.:/@%+=,-]*$/.test(path)
    ? undefined
    : 'has a character that ip -batch does not accept in a word'
}

/**
 * Returns why `name` cannot be the name of a container interface, or undefined if it can. Beyond the kernel's
 * rule, it allows only what `ip -batch` takes without quoting, no "%" because the kernel expands "eth%d" to
 * "eth0" (dev_alloc_name()), and no name with another meaning in /proc/sys/net.
 */
export function interfaceNameProblem(name: string): string | undefined {
  const problem = kernelNameProblem(name)
  if (problem !== undefined) return problem
  if (name === 'all' || name === 'default') return 'is a name for many links in /proc/sys/net'
  if (!/^[A-Za-z0-9_.@+=,][A-Za-z0-9_.@+=,-]*$/.test(name)) {
    return 'has a character outside letters, digits and _ . - @ + = ,'
  }
  return undefined
}

// dev_valid_name(): 1 to 15 bytes, no "/", ":" or white space, not "." or "..". libcni's
// ValidateInterfaceName has the same rule.
function kernelNameProblem(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return 'is not a valid name'
  if (Buffer.byteLength(name) > 15) return 'is longer than 15 bytes'
  return /[/:\s\0]/u.test(name) ? 'has a slash, a colon or white space' : undefined
}

// "K=V;K=V" (CONVENTIONS, "CNI_ARGS"). Empty items are ignored: shells and older runtimes leave a trailing
// ";".
function parseArgs(text: string): ReadonlyMap<string, string> {
  const items = text.split(';').filter((item) => item !== '')
  const args = new Map<string, string>()
  for (const item of items) {
    const at = item.indexOf('=')
    if (at < 1 || item.includes('=', at + 1)) {
      throw invalid(`CNI_ARGS: ${JSON.stringify(item)} is not KEY=VALUE`)
    }
    args.set(item.slice(0, at), item.slice(at + 1))
  }
  const ignore = (args.get('IgnoreUnknown') ?? '').toLowerCase()
  if (ignore === '1' || ignore === 'true') return args
  const unknown = [...args.keys()].find((key) => !['IP', 'MAC', 'IgnoreUnknown'].includes(key))
  if (unknown !== undefined) {
    throw invalid(`CNI_ARGS: unknown key ${JSON.stringify(unknown)} (known: IP, MAC; or add IgnoreUnknown=1)`)
  }
  return args
}

function invalid(details: string): CniError {
  return new CniError(CniCode.InvalidEnvironment, 'invalid environment', details)
}
