import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { type Check, ok, warn } from '../check.ts'

/** Where each shell has it: files that are there for it, and those that name it. */
const places: Record<string, { files: string[]; named: string[] }> = {
  bash: { files: ['.local/share/bash-completion/completions/spoq'], named: ['.bashrc', '.bash_profile'] },
  zsh: { files: ['.zfunc/_spoq'], named: ['.zshrc'] },
  fish: { files: ['.config/fish/completions/spoq.fish'], named: ['.config/fish/config.fish'] },
}

export const completion: Check = {
  id: 'completion',
  run: () => {
    const shell = basename(process.env.SHELL ?? '')
    const place = places[shell]
    if (!place) return ok('nothing is known of this shell')
    const at = (name: string) => join(process.env.HOME ?? homedir(), name)
    if (place.files.some(name => existsSync(at(name)))) return ok(`installed for ${shell}`)
    if (place.named.some(name => isNamedIn(at(name)))) return ok(`installed for ${shell}`)
    return warn(`not installed for ${shell}`, 'See spoq completion --help.')
  },
}

function isNamedIn(file: string): boolean {
  try {
    return readFileSync(file, 'utf8').includes('completion')
  } catch {
    return false
  }
}
