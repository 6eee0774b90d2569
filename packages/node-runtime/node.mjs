// Which Node runs Spoq.

import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The major version that everything is developed, tested and shipped with. */
const major = 24

/** The Node that the install brought; else this one when it is new enough. Ends with a clear line when there is none. */
export function findNode(root) {
  const brought = join(root, `node_modules/node-${process.platform}-${process.arch}/bin/node`)
  if (existsSync(brought)) return brought
  if (Number(process.versions.node.split('.')[0]) >= major) return process.execPath
  console.error(
    `Spoq needs Node ${major}; this is ${process.version}, and for ${process.platform}-${process.arch} none comes with it.`,
  )
  console.error(`Install Node ${major}, then run the same command again.`)
  process.exit(2)
}
