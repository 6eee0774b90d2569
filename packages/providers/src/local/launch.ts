// Starts a Conductor's process so that it outlives this one.

import { spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { exitStatus } from '@spoq/contracts/problem'
import { logOf } from './folder.ts'
import type { Local } from './options.ts'

/** A Conductor that this process started, for as long as its start is watched. */
export interface Child {
  /** Undefined when it could not be started. */
  pid: number | undefined
  /** Set once it has ended. */
  ended?: {
    /** "ended with status 1", for a sentence. */
    how: string
    /** Another try would end in the same way. */
    forGood: boolean
    /** The folder's lock was held: by another Conductor, or for the moment in which somebody looked. */
    lockWasHeld: boolean
  }
  kill(): void
  /** What this start wrote to its log at last, in one line, or ''. */
  lastWords(): Promise<string>
}

/** The log is emptied at a start that finds it longer than this, in bytes. */
const longestLog = 1_000_000

/** What a Conductor gets of the environment: no secret and no setting of the backend's. */
const passedOn = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR', 'TMP', 'TEMP'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'],
]

/** Starts a Conductor in a folder, in a session of its own, writing to the folder's log. */
export async function launch(local: Local, folder: string): Promise<Child> {
  const log = await open(logOf(folder), 'a', 0o600)
  try {
    let begin = (await log.stat()).size
    if (begin > longestLog) {
      await log.truncate()
      begin = 0
    }
    const started = spawn(local.conductor.node, [local.conductor.entry, '--folder', folder], {
      cwd: folder,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: Object.fromEntries(passedOn.flatMap(name => (local.env[name] ? [[name, local.env[name]]] : []))),
    })
    started.unref()
    const child: Child = {
      pid: started.pid,
      kill: () => started.kill('SIGKILL'),
      lastWords: () => lastSaid(logOf(folder), begin),
    }
    started.once('error', error => {
      child.ended = { how: `cannot be started: ${error.message}`, forGood: true, lockWasHeld: false }
    })
    started.once('exit', (status, signal) => {
      child.ended = {
        how: signal ? `was ended by ${signal}` : `ended with status ${status}`,
        forGood: status === exitStatus.usage,
        lockWasHeld: status === exitStatus.conflict,
      }
    })
    return child
  } finally {
    await log.close()
  }
}

/** A Conductor that cannot go on says what happened and what to do; one that crashed, the error it crashed with. */
async function lastSaid(file: string, begin: number): Promise<string> {
  const text = (await readFile(file)).subarray(begin).toString()
  const lines = text.split('\n').filter(line => line.trim() !== '' && !line.startsWith('{'))
  const crash = lines.findLast(line => /^\w*Error\b.*: /.test(line))
  return (crash ?? lines.slice(-2).join(' ')).slice(0, 500)
}
