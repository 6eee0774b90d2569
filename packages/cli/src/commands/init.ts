import { boolean, string } from '@oclif/core/flags'
import { SpoqCommand } from '../command.ts'
import { setUp } from '../init/set-up.ts'

export default class Init extends SpoqCommand {
  static override summary = 'Set up all that is missing: sign-in, a plan, a machine, a model, an SSH key.'
  static override description =
    'Each step that is done already is skipped, so that it can be interrupted and run again.'
  static override examples = ['<%= config.bin %> init', '<%= config.bin %> init --yes --name otter']
  static override flags = {
    yes: boolean({
      char: 'y',
      description: 'ask nothing: what cannot be decided is said, with the flag that decides it',
    }),
    device: boolean({ description: 'sign in by three words, even where a browser could be opened' }),
    name: string({ helpValue: 'NAME', description: 'the name of the machine; default: one is made up' }),
  }

  async run() {
    const { flags } = await this.parse(Init)
    const context = this.context(flags)
    const say = (line: string) => this.logToStderr(line)
    const done = await setUp(context, { device: flags.device, name: flags.name, say })
    this.log(`Ready. Try: ${context.bin} ask "what can you do here?"`)
    return done
  }
}
