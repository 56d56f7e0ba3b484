// The rules of this repository for oxlint; .oxlintrc.json names the file.

import { circles, layers } from './layers.ts'
import { width } from './width.ts'

export default { meta: { name: 'house' }, rules: { layers, circles, width } }
