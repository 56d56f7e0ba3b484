// The CNI environment variables of one call: which verb needs which, and what each may hold (CNI SPEC 1.1.0, section 2).

import { CniCode, CniError } from './error.ts'

/** The verbs that act on one attachment, and those that are about the whole network. */
export type AttachmentVerb = 'ADD' | 'DEL' | 'CHECK'
export type NetworkVerb = 'GC' | 'STATUS'

/** A call about a network. */
export interface NetworkEnvironment {
  readonly verb: NetworkVerb
}

/** What the runtime says about a call on one attachment. `netns` is empty when DEL was given none. */
export interface CniEnvironment {
  readonly verb: AttachmentVerb
  readonly containerID: string
  readonly ifname: string
  readonly netns: string
  readonly args: ReadonlyMap<string, string>
  readonly allowOwnNetns: boolean
}

type Variables = Readonly<Record<string, string | undefined>>

// SPEC 1.1.0, section 2, "Parameters": the container ID begins with an alphanumeric character.
const CONTAINER_ID = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

// SPEC 1.1.0, section 2. CNI_PATH, which it asks GC for, is for finding delegates; there are none of ours.
const REQUIRED: Readonly<Record<AttachmentVerb | NetworkVerb, readonly string[]>> = {
  ADD: ['CNI_CONTAINERID', 'CNI_IFNAME', 'CNI_NETNS'],
  DEL: ['CNI_CONTAINERID', 'CNI_IFNAME'],
  CHECK: ['CNI_CONTAINERID', 'CNI_IFNAME', 'CNI_NETNS'],
  GC: [],
  STATUS: [],
}

/**
 * Reads and checks the variables of every verb but VERSION, which needs none.
 * @throws CniError InvalidEnvironment naming every missing variable at once, or the invalid one.
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
  throw invalid(`CNI_COMMAND=${text}: not a verb of CNI (${Object.keys(REQUIRED).join(', ')}, VERSION)`)
}

function parseAttachment(verb: AttachmentVerb, variables: Variables): CniEnvironment {
  const containerID = variables['CNI_CONTAINERID'] ?? ''
  if (!CONTAINER_ID.test(containerID)) {
    throw invalid(`CNI_CONTAINERID=${JSON.stringify(containerID)}: letters, digits, "_", "." and "-" only`)
  }
  const ifname = variables['CNI_IFNAME'] ?? ''
  // DEL follows every ADD, also one that was refused for a name or a path that is legal and not for us; it uses neither.
  const problem = verb === 'DEL' ? kernelNameProblem(ifname) : interfaceNameProblem(ifname)
  if (problem !== undefined) throw invalid(`CNI_IFNAME=${JSON.stringify(ifname)}: ${problem}`)
  const netns = variables['CNI_NETNS'] ?? ''
  if (verb !== 'DEL' && !netns.startsWith('/')) {
    throw invalid(`CNI_NETNS=${JSON.stringify(netns)}: not an absolute path`)
  }
  if (verb !== 'DEL' && !/^[A-Za-z0-9_.:/@%+=,-]*$/.test(netns)) {
    throw invalid(
      `CNI_NETNS=${JSON.stringify(netns)}: has a character that ip -batch would not take as part of a word`,
    )
  }
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

/**
 * Why `name` cannot be a link's name of ours, or undefined when it can: the kernel's rule and on top of it only what
 * `ip -batch` takes without quoting, no "%", for the kernel makes "eth0" of "eth%d" (dev_alloc_name()), and no name that
 * /proc/sys/net has for something else.
 */
export function interfaceNameProblem(name: string): string | undefined {
  const problem = kernelNameProblem(name)
  if (problem !== undefined) return problem
  if (name === 'all' || name === 'default') return 'a name that stands for many links in /proc/sys/net'
  if (!/^[A-Za-z0-9_.@+=,][A-Za-z0-9_.@+=,-]*$/.test(name)) {
    return 'has a character outside letters, digits and _ . - @ + = ,'
  }
  return undefined
}

// dev_valid_name(): 1 to 15 bytes, no "/", ":" or white space, not "." or ".."; libcni's ValidateInterfaceName is the same.
function kernelNameProblem(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return 'not a name'
  if (Buffer.byteLength(name) > 15) return 'longer than 15 bytes'
  return /[/:\s\0]/u.test(name) ? 'has a slash, a colon or white space' : undefined
}

// "K=V;K=V" (CONVENTIONS, "CNI_ARGS"). Empty items are tolerated: shells and older runtimes leave a ";" at the end.
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
