// A terminal of a given size with a program on it, driven as a person does: keys go in, the screen is looked at. tmux is
// the terminal, so that what is looked at is what a real one shows.

import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

export interface Pane {
  /** Types text as it is; a newline in it is Enter. */
  type(text: string): Promise<void>
  /** Presses keys by tmux' names: `Enter`, `C-c`, `PageUp`. */
  press(...keys: string[]): Promise<void>
  /** Pastes as a terminal does: marked as such for a program that asked for it. */
  paste(text: string): Promise<void>
  resize(columns: number, rows: number): Promise<void>
  /** The lines of the screen. */
  screen(): Promise<string[]>
  /** The lines of the screen as they were written: what wrapped is one. */
  lines(): Promise<string[]>
  /** The screen with the sequences of its colours. */
  colored(): Promise<string>
  /** The screen once it shows this. @throws with the last screen when that does not come about. */
  shows(text: string | RegExp): Promise<string>
  /** The screen once it shows this no more. */
  lacks(text: string): Promise<string>
  /** A property of tmux' pane: `alternate_on`, `cursor_flag`. */
  property(name: string): Promise<string>
  /** The id of the shell that runs in it. */
  pid(): Promise<number>
}

export interface Terminals {
  /** Opens a shell; its prompt is `$ `. */
  open(options: { columns: number; rows: number; env: Record<string, string>; directory: string }): Promise<Pane>
  close(): void
}

/** Whether there is a tmux here. */
export const hasTmux = () => spawnSync('tmux', ['-V']).status === 0

const patienceMs = 20_000

/** A tmux server of its own. */
export function startTerminals(): Terminals {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-terminals-'))
  const socket = join(folder, 'tmux')
  const run = promisify(execFile)
  const tmux = async (...args: string[]) => (await run('tmux', ['-S', socket, '-f', '/dev/null', ...args])).stdout
  let opened = 0

  async function open({ columns, rows, env, directory }: Parameters<Terminals['open']>[0]): Promise<Pane> {
    const name = `t${++opened}`
    const variables = Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`])
    const size = ['-x', String(columns), '-y', String(rows)]
    const shell = "env -u CI PS1='$ ' sh"
    await tmux('new-session', '-d', '-s', name, ...size, ...variables, '-c', directory, shell)
    await tmux('set-option', '-t', name, 'status', 'off')
    await tmux('resize-window', '-t', name, ...size)
    return paneOf(tmux, name)
  }

  function close(): void {
    try {
      execFileSync('tmux', ['-S', socket, 'kill-server'], { stdio: 'ignore' })
    } catch {}
    rmSync(folder, { recursive: true, force: true })
  }

  return { open, close }
}

function paneOf(tmux: (...args: string[]) => Promise<string>, name: string): Pane {
  const screen = async () => (await tmux('capture-pane', '-p', '-t', name)).replace(/\n$/, '').split('\n')
  async function until(holds: (text: string) => boolean, what: string): Promise<string> {
    const end = Date.now() + patienceMs
    for (;;) {
      const text = (await screen()).join('\n')
      if (holds(text)) return text
      if (Date.now() > end) throw new Error(`${what}; the screen:\n${text}`)
      await sleep(50)
    }
  }
  const property = async (key: string) => (await tmux('display-message', '-p', '-t', name, `#{${key}}`)).trim()
  return {
    type: async text => {
      for (const [index, line] of text.split('\n').entries()) {
        if (index > 0) await tmux('send-keys', '-t', name, 'Enter')
        if (line !== '') await tmux('send-keys', '-t', name, '-l', '--', line)
      }
    },
    press: async (...keys) => void (await tmux('send-keys', '-t', name, ...keys)),
    paste: async text => {
      await tmux('set-buffer', '-b', name, '--', text)
      await tmux('paste-buffer', '-p', '-r', '-b', name, '-t', name)
    },
    resize: async (columns, rows) => {
      await tmux('resize-window', '-t', name, '-x', String(columns), '-y', String(rows))
    },
    screen,
    lines: async () => (await tmux('capture-pane', '-p', '-J', '-t', name)).split('\n').map(line => line.trimEnd()),
    colored: () => tmux('capture-pane', '-p', '-e', '-t', name),
    shows: text =>
      until(shown => (typeof text === 'string' ? shown.includes(text) : text.test(shown)), `never shown: ${text}`),
    lacks: text => until(shown => !shown.includes(text), `still shown: ${text}`),
    property,
    pid: async () => Number(await property('pane_pid')),
  }
}
