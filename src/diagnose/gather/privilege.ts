// Whether we are who a runtime's plugin would be.

import { readFileSync, statSync } from 'node:fs'
import type { Facts } from '../../check/facts.ts'
import { refuseRootless } from '../../exec/proc.ts'

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

// Only root may look at the namespaces of process 1 (proc(5), "Permission … is governed by a ptrace access mode").
function isNetworkOfInit(): boolean | undefined {
  try {
    // A namespace made for one test or one service has its own process 1 where it is a container's.
    readFileSync('/proc/1/comm')
    return statSync('/proc/1/ns/net').ino === statSync('/proc/self/ns/net').ino
  } catch {
    return undefined
  }
}
