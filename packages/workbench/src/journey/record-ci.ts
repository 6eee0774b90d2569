// Prints J4 as a job's log shows it: `node packages/workbench/src/journey/record-ci.ts`.

import { commands, type Name, startCi } from './ci.ts'

await using ci = await startCi()
let waiting = ''
for (const name of Object.keys(commands) as Name[]) {
  const { status, stdout, stderr } = await ci.run(name, waiting)
  if (name === 'waits') waiting = /sess_\w+/.exec(stdout)?.[0] ?? ''
  process.stdout.write(`$ ${commands[name]}\n${stdout}${stderr}[exit ${status}]\n\n`)
}
