// The runner of the agents' commands as a process: `node runner.ts --user UID`, orders on stdin, reports on stdout. It is
// started by setup/init.sh, beside the Conductor.

import { parseArgs } from 'node:util'
import { runCommands } from '@spoq/kit/sandbox'

async function main(): Promise<void> {
  const { user } = parseArgs({ options: { user: { type: 'string' } } }).values
  await runCommands({ from: process.stdin, to: process.stdout }, Number(user ?? Number.NaN))
  process.exit()
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
