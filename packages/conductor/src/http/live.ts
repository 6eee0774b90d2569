// The requests that are being answered at the edge, and whose they are: streams live for hours, longer than the right to
// read them may.

import { hasLeft, type Outgoing } from './has-left.ts'
import type { EdgeCaller } from './token.ts'

interface Cuttable extends Outgoing {
  destroy(): unknown
}

export interface Live {
  /** Keeps an answer in sight until it has ended. */
  watch(caller: EdgeCaller, outgoing: Cuttable): void
  /** Cuts the answers to those whom `assertAllowed` refuses by now; their clients ask again and are told why. */
  cut(assertAllowed: (caller: EdgeCaller) => void): void
}

export function liveAnswers(): Live {
  const live = new Map<Cuttable, EdgeCaller>()
  return {
    watch: (caller, outgoing) => {
      if (hasLeft(outgoing)) return
      live.set(outgoing, caller)
      outgoing.once('close', () => live.delete(outgoing))
    },
    cut: assertAllowed => {
      for (const [outgoing, caller] of live) if (refuses(assertAllowed, caller)) outgoing.destroy()
    },
  }
}

function refuses(assertAllowed: (caller: EdgeCaller) => void, caller: EdgeCaller): boolean {
  try {
    assertAllowed(caller)
    return false
  } catch {
    return true
  }
}
