import { boolean } from '@oclif/core/flags'
import { SpoqCommand } from '../command.ts'
import { checks } from '../doctor/checks.ts'
import { type Examined, examine } from '../doctor/examine.ts'
import { readMarker } from '../marker.ts'
import { styled } from '../output.ts'
import { oneLine } from '../render/visible.ts'

const marks = { ok: 'green', warn: 'yellow', fail: 'red', 'not checked': 'dim' } as const

export default class Doctor extends SpoqCommand {
  static override summary = 'Check all that Spoq needs, and say what to do about what is missing.'
  static override description = 'The exit status is 1 when something failed; a warning is none.'
  static override examples = [
    '<%= config.bin %> doctor',
    '<%= config.bin %> doctor --model',
    '<%= config.bin %> doctor --json',
  ]
  static override flags = {
    model: boolean({ description: 'really ask the model; that may cost a few tokens' }),
  }

  async run() {
    const { flags } = await this.parse(Doctor)
    const context = this.context(flags)
    const here = context.machine || context.server ? null : readMarker(context.setting)
    const found: Examined[] = []
    for await (const one of examine(checks, { context, here, asksModel: flags.model, found: {} })) {
      found.push(one)
      this.log(lineOf(one))
    }
    const healthy = !found.some(({ state }) => state === 'fail')
    if (!healthy) process.exitCode = 1
    return { healthy, checks: found }
  }
}

function lineOf({ id, state, says, next }: Examined): string {
  const line = `${styled(marks[state], state.padEnd(11))}  ${id.padEnd(11)}  ${oneLine(says)}`
  return next ? `${line}. ${oneLine(next)}` : line
}
