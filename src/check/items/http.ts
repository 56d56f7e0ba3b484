// The group HTTP: the HTTP Gateway. All items are skipped where none is installed.

import type { CheckItem } from '../item.ts'
import { answers } from './http/answers.ts'
import { files } from './http/files.ts'
import { nginx } from './http/nginx.ts'
import { port } from './http/port.ts'
import { told } from './http/told.ts'

export const HTTP_ITEMS: readonly CheckItem[] = [nginx, answers, port, files, told]
