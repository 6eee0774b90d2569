import { boolean } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { restoreBackup, showBackup } from '@spoq/contracts/backup'
import { SpoqError } from '@spoq/contracts/problem'
import { backupArgument, checkedId } from '../../backup/argument.ts'
import { waitForRestore } from '../../backup/wait.ts'
import { SpoqCommand } from '../../command.ts'
import type { Context } from '../../context.ts'
import { machineArgument } from '../../machine/argument.ts'
import { findMachine } from '../../machine/find.ts'
import { startProgress } from '../../progress.ts'
import { backendTarget } from '../../target.ts'
import { confirm } from '../../terminal.ts'

export default class BackupRestore extends SpoqCommand {
  static override summary = 'Put a backup in the place of all that is on a machine.'
  static override description =
    'Files and sessions of since then are gone; keys for models stay. It is all of it or nothing, and only on a machine at rest.'
  static override examples = [
    '<%= config.bin %> backup restore backup_4f0c2a9d7b1e6a353c11',
    '<%= config.bin %> backup restore backup_4f0c2a9d7b1e6a353c11 otter --yes',
  ]
  static override args = { ...backupArgument, ...machineArgument }
  static override flags = {
    yes: boolean({ char: 'y', description: 'do not ask' }),
    wait: boolean({ allowNo: true, default: true, description: 'wait until it is done' }),
  }

  async run() {
    const { args, flags } = await this.parse(BackupRestore)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const backup = await call(backend, showBackup, { params: { backup: checkedId(args.backup) } })
    const machine = await restoredMachine(context, backend, args.name ?? context.machine, backup.machine)
    const message = `Replace all files and sessions of ${machine.name} by those of ${backup.createdAt.slice(0, 16).replace('T', ' ')} UTC?`
    if (!flags.yes && !(await confirm(context.terminal, { message, flag: '--yes', default: false })))
      throw new SpoqError('interrupted', { message: 'Nothing was changed.', next: 'Run it again to restore.' })
    const asked = await call(backend, restoreBackup, { params: { machine: machine.id, backup: backup.id } })
    const progress = await startProgress(context)
    try {
      const restore = flags.wait ? await waitForRestore(backend, asked, progress) : asked
      progress.stop()
      this.log(flags.wait ? `${machine.name} is as it was then.` : `${machine.name} is being restored.`)
      return { restore }
    } finally {
      progress.stop()
    }
  }
}

/** The one that is named, else the one it was made of; is that over, the only other one. */
async function restoredMachine(context: Context, backend: Target, named: string | undefined, origin: string) {
  if (named !== undefined) return findMachine(context, backend, named)
  return findMachine(context, backend, origin).catch(error => {
    if (error instanceof SpoqError && error.code === 'machine_not_found') return findMachine(context, backend)
    throw error
  })
}
