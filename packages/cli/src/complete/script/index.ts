import { bash } from './bash.ts'
import { fish } from './fish.ts'
import { powershell } from './powershell.ts'
import { zsh } from './zsh.ts'

/** The script of each shell. All of them ask `spoq complete -- WORDS…`, which reads the manifest. */
export const scripts = { bash, zsh, fish, powershell }
export type Shell = keyof typeof scripts
export const shells = Object.keys(scripts) as Shell[]
