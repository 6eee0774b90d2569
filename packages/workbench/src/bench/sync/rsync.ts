// The peer: rsync over ssh to Debian's sshd, behind the slow line, as a person has it who syncs without Spoq.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { startSshd } from '../../ssh/sshd.ts'
import { ranWith, usedBy } from '../process-cost.ts'
import type { Took } from './stage.ts'

export interface Rsync {
  port: number
  /** Through which port of this computer it is to go. */
  over(port: number): (tree: string, to: string) => Promise<Took>
}

export async function startRsync(folder: string, undo: AsyncDisposableStack): Promise<Rsync> {
  mkdirSync(folder)
  const key = join(folder, 'id')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  mkdirSync(join(folder, 'sshd'))
  const sshd = undo.use(await startSshd(join(folder, 'sshd'), { keys: [readFileSync(`${key}.pub`, 'utf8').trim()] }))
  const known = join(folder, 'known')
  const sure = `-o UserKnownHostsFile=${known} -o IdentityAgent=none -o IdentitiesOnly=yes -o BatchMode=yes`
  return {
    port: sshd.port,
    over: port => {
      writeFileSync(known, `[127.0.0.1]:${port} ${sshd.hostKey}\n`)
      const shell = `ssh -F none -p ${port} -i ${key} ${sure}`
      return async (tree, to) => {
        const before = usedBy(sshd.pid, true)
        const command = ['rsync', '-a', '-e', shell, `${tree}/`, `${userInfo().username}@127.0.0.1:${to}/`]
        const { status, cpu, seconds, stderr } = await ranWith(command, process.env)
        if (status !== 0) throw new Error(`rsync ended with ${status}: ${stderr}`)
        return { seconds, cpuHere: cpu, cpuThere: usedBy(sshd.pid, true) - before }
      }
    },
  }
}
