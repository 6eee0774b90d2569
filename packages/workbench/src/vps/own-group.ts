// A control group of its own for a server: two systemds in one group share the groups of their services, and each then waits
// for the other's processes to end.

import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface OwnGroup {
  /** Before a command, to run it there. */
  enter: string[]
  /** Once all that ran in it was ended. */
  remove: () => Promise<void>
}

/** systemd's own tree and the unified one, beside each other or as one. */
const trees = ['/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified', '/sys/fs/cgroup']

export function makeGroup(name: string): OwnGroup {
  const groups = trees.filter(tree => existsSync(join(tree, 'cgroup.procs'))).map(tree => join(tree, name))
  for (const group of groups) mkdirSync(group)
  const enter = [...groups.map(group => `echo 0 >${join(group, 'cgroup.procs')}`), 'exec "$@"'].join(' && ')
  return {
    enter: ['sh', '-c', enter, 'sh'],
    async remove() {
      for (const group of groups) await removeGroup(group)
    },
  }
}

/** What was killed stays in its group for a moment. */
async function removeGroup(group: string): Promise<void> {
  for (const { name } of readdirSync(group, { withFileTypes: true }).filter(entry => entry.isDirectory()))
    await removeGroup(join(group, name))
  for (let tries = 0; ; tries++)
    try {
      return rmdirSync(group)
    } catch (error) {
      if (tries > 100) throw error
      await sleep(50)
    }
}
