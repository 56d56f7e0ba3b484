// Gathers whether we have the privileges that a runtime's plugin would have.

import { readFileSync, statSync } from 'node:fs'
import type { Facts } from '../../check/facts.ts'
import { refuseRootless } from '../../kernel/proc.ts'

export function gatherPrivilege(): Facts['privilege'] {
  return {
    euid: process.geteuid?.() ?? -1,
    isMachineRoot: isMachineRoot(),
    isNetworkOfInit: isNetworkOfInit(),
  }
}

function isMachineRoot(): boolean {
  try {
    refuseRootless()
    return true
  } catch {
    return false
  }
}

// Only root may inspect the namespaces of process 1 (proc(5), "Permission … is governed
// by a ptrace access mode").
function isNetworkOfInit(): boolean | undefined {
  try {
    // In a container, a namespace made for one test or service has its own process 1.
    readFileSync('/proc/1/comm')
    return statSync('/proc/1/ns/net').ino === statSync('/proc/self/ns/net').ino
  } catch {
    return undefined
  }
}
