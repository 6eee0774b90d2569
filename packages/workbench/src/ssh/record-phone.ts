// Prints J3 as the phone shows it: `node packages/workbench/src/ssh/record-phone.ts`. It needs what the engine tests need.

import { columns, startPhoneWorld, travel } from './phone.ts'

await using world = await startPhoneWorld()
await travel(world, (title, lines) => {
  const shown = lines.join('\n').trimEnd().split('\n')
  const boxed = shown.map(line => `│${line.padEnd(columns)}│`)
  process.stdout.write([title, `┌${'─'.repeat(columns)}┐`, ...boxed, `└${'─'.repeat(columns)}┘`, '', ''].join('\n'))
})
