import { string } from '@oclif/core/args'
import { SpoqCommand } from '../command.ts'
import { type Shell, scripts, shells } from '../complete/script/index.ts'

export default class Completion extends SpoqCommand {
  static override summary = 'Print the script that lets your shell complete commands, flags and names.'

  static override description =
    `It completes commands and flags, the values of flags, the names of your machines and the ids of sessions and runs.
To install it, once:

bash, with the package bash-completion:
  mkdir -p ~/.local/share/bash-completion/completions
  spoq completion bash > ~/.local/share/bash-completion/completions/spoq
or without it, in ~/.bashrc:
  source <(spoq completion bash)

zsh, in ~/.zshrc, after compinit:
  source <(spoq completion zsh)

fish:
  spoq completion fish > ~/.config/fish/completions/spoq.fish

PowerShell, in the file that $PROFILE names:
  spoq completion powershell | Out-String | Invoke-Expression`

  static override examples = [
    'source <(<%= config.bin %> completion bash)',
    '<%= config.bin %> completion fish > ~/.config/fish/completions/spoq.fish',
  ]

  static override args = {
    shell: string({ required: true, ignoreStdin: true, options: shells, description: 'your shell' }),
  }

  async run() {
    const { args } = await this.parse(Completion)
    const shell = args.shell as Shell
    this.log(scripts[shell].trimEnd())
    return { shell, script: scripts[shell] }
  }
}
