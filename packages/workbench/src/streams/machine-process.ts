// A machine in a process of its own whose model says `pieces` words, one each `paceMs`. Prints its socket.

import { startMachine } from '../stand-ins/machine.ts'
import { startOpenAi } from '../stand-ins/openai.ts'

const [pieces, paceMs] = process.argv.slice(2).map(Number) as [number, number]

async function main(): Promise<void> {
  const model = await startOpenAi([{ pieces: Array.from({ length: pieces }, (_, number) => `${number} `), paceMs }])
  const machine = await startMachine({ endpoints: [model.url] })
  console.log(machine.socket)
  process.on('SIGTERM', () => {
    void Promise.all([machine.stop(), model.stop()]).then(() => process.exit())
  })
}

void main()
