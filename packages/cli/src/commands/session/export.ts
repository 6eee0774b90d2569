import { string } from '@oclif/core/args'
import { string as text } from '@oclif/core/flags'
import { SpoqCommand } from '../../command.ts'
import { batched, isReaderGone } from '../../render/writer.ts'
import { exportText, type Format, sessionsToExport } from '../../session/export.ts'
import { findSession } from '../../session/find.ts'
import { machineTarget } from '../../target.ts'
import { writeWhole } from '../../write-file.ts'

export default class SessionExport extends SpoqCommand {
  static override summary = 'Export a session, or all of them.'
  static override description =
    `md is a page to read. json holds everything the machine keeps of a session: texts that went with a question, what tools
answered, what the model was told. Either may hold what is secret; a file that -o makes is readable by you alone.`
  static override examples = [
    '<%= config.bin %> session export 4f0c2a',
    '<%= config.bin %> session export 4f0c2a --format json -o session.json',
    '<%= config.bin %> session export all --format json -o sessions.json',
  ]
  static override args = {
    session: string({ required: true, ignoreStdin: true, description: 'its id or the beginning of it, or all' }),
  }
  static override flags = {
    format: text({ options: ['md', 'json'], description: 'md, or with --json json' }),
    output: text({ char: 'o', helpValue: 'FILE', description: 'write it there' }),
  }

  async run() {
    const { args, flags } = await this.parse(SessionExport)
    const target = await machineTarget(this.context(flags))
    const id = args.session === 'all' ? 'all' : await findSession(target, args.session)
    const sessions = await sessionsToExport(target, id)
    const pieces = exportText(target, sessions, (flags.format ?? (flags.json ? 'json' : 'md')) as Format)
    if (flags.output === undefined) return this.print(pieces)
    await writeWhole(flags.output, pieces)
    this.log(`${flags.output}: ${sessions.length === 1 ? 'one session' : `${sessions.length} sessions`}.`)
    return { file: flags.output, sessions: sessions.map(session => session.id) }
  }

  private async print(pieces: AsyncIterable<string>): Promise<undefined> {
    const writer = batched(process.stdout)
    for await (const piece of pieces) {
      writer.write(piece)
      await writer.ready()
      if (isReaderGone(writer.failed.reason)) return
    }
    await writer.flush()
  }

  /** What is exported is itself the result, unless it went into a file. */
  protected override logJson(json: unknown): void {
    if (json !== undefined) super.logJson(json)
  }
}
