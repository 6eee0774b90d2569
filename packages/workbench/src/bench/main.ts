// `npm run bench`: measures every figure and says whether it holds. `--json` prints a line a figure; names of figures
// as arguments measure only those; `--small` brings less over in those that bring over much.

import { parseArgs } from 'node:util'
import { measure, type Result } from './figure.ts'
import { figures } from './figures/index.ts'

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean' }, small: { type: 'boolean', default: false } },
  allowPositionals: true,
})

async function main(): Promise<void> {
  for (const figure of figures) {
    if (positionals.length > 0 && !positionals.includes(figure.id)) continue
    const why = figure.skipped?.() ?? null
    if (why !== null) {
      console.log(values.json ? JSON.stringify({ id: figure.id, skipped: why }) : `skipped ${figure.id}: ${why}`)
      continue
    }
    const result = await measure(figure, { small: values.small })
    console.log(values.json ? JSON.stringify(result) : line(result, figure.about))
    if (!result.holds) process.exitCode = 1
  }
}

const line = ({ id, ratio, goal, holds, beside }: Result, about: string) =>
  `${holds ? 'holds ' : 'MISSED'}  ${id.padEnd(18)} ${ratio.toFixed(2).padStart(7)}  goal ${goal.padEnd(7)} ${about}${beside ? ` (${beside})` : ''}`

void main()
