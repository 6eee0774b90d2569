// Opening a browser where the person sits in front of this very computer.

import { spawn } from 'node:child_process'
import type { Terminal } from '../terminal.ts'

/** Whether a browser can be expected to open here: a terminal with a display, and not over SSH. */
export function canOpenBrowser(terminal: Terminal, env: NodeJS.ProcessEnv, platform = process.platform): boolean {
  if (!terminal.interactive || env.SSH_CONNECTION || env.SSH_TTY) return false
  return platform === 'darwin' || platform === 'win32' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

/** Opens an address; that nothing opens it is no error, since it is printed as well. */
export function openBrowser(url: string, platform = process.platform): void {
  const program = { darwin: 'open', win32: 'explorer' }[platform as string] ?? 'xdg-open'
  const child = spawn(program, [url], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}
