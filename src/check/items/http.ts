// The group HTTP: the HTTP Gateway. All items are skipped where none is installed.

import type { CheckItem } from '../item.ts'
import { address } from './http/address.ts'
import { answers } from './http/answers.ts'
import { files } from './http/files.ts'
import { memory } from './http/memory.ts'
import { nginx } from './http/nginx.ts'
import { others } from './http/others.ts'
import { port } from './http/port.ts'
import { release } from './http/release.ts'
import { snapshot } from './http/snapshot.ts'
import { told } from './http/told.ts'

export const HTTP_ITEMS: readonly CheckItem[] = [
  nginx,
  answers,
  port,
  files,
  told,
  others,
  snapshot,
  release,
  address,
  memory,
]
