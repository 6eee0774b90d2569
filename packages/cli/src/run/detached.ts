import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { type CommandInput, startRun } from '@spoq/contracts/run'

/** Starts a command that goes on by itself, with an empty input; answers its run. @throws SpoqError `command_not_found`. */
export async function startDetached(target: Target, command: CommandInput): Promise<string> {
  const { run } = await call(target, startRun, { body: { ...command, input: false, detached: true } })
  return run
}
