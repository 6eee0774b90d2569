import { type ColorSupportLevel, supportsColor, supportsColorStderr } from 'chalk'

/** How many colours a stream shows; none where it is no terminal, or where NO_COLOR is set (no-color.org). */
export function colorLevel(name: 'stdout' | 'stderr', isTerminal: boolean, env = process.env): ColorSupportLevel {
  const support = name === 'stdout' ? supportsColor : supportsColorStderr
  return isTerminal && !env.NO_COLOR && support ? support.level : 0
}
