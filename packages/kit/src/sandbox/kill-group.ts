import type { ChildProcess } from 'node:child_process'

/**
 * Signals a child that was started `detached`, with all that it started. Answers false when nothing of it is left.
 * Once the child has ended it is good for what the child left behind, and only for as long as there may be something:
 * later the number may be somebody else's.
 */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): boolean {
  if (child.pid === undefined) return false
  try {
    return process.kill(-child.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}
