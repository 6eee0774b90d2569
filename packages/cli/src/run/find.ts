import { string } from '@oclif/core/args'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { listRuns } from '@spoq/contracts/run'
import { wholeId } from '../short-id.ts'

/** The run that a command is about. Standard input is never read for it. */
export const runArgument = {
  run: string({
    required: true,
    ignoreStdin: true,
    description: 'its id, or as much of it as tells it from the others',
  }),
}

/** The run that is meant by its id or the beginning of it. @throws SpoqError `run_not_found`, `ambiguous_id`. */
export function findRun(target: Target, typed: string): Promise<string> {
  return wholeId('run', typed, 'run_not_found', async prefix => {
    const { runs } = await call(target, listRuns, { query: { prefix, limit: 5 } })
    return runs.map(({ id }) => id)
  })
}
