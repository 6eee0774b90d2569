// Runs one program in the foreground.

import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, dirname } from 'node:path'

/**
 * Runs a script with a Node, which is also the first on the script's PATH. Answers its exit status; 128 + number when a
 * signal ended it.
 */
export function run(node, args, { cwd, env }) {
  const path = `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`
  const child = spawn(node, args, { cwd, stdio: 'inherit', env: { ...process.env, ...env, PATH: path } })
  // The terminal sends Ctrl-C to both; the child decides what it means. A signal sent to this process alone is passed on.
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal]))
  })
}
