// `spoq session show` on the streams of this process.

import type { Target } from '@spoq/client/target'
import { styled } from '../output.ts'
import { turnLines } from '../render/turn-lines.ts'
import { turnText } from '../render/turn-text.ts'
import type { Screen } from '../render/view.ts'
import { oneLine, visible } from '../render/visible.ts'
import { showTranscript } from './transcript.ts'

/** Shows a session: for a person on stdout alone, since all of it is the result; with `json` an event a line. */
export function showOn(stdout: Screen['stderr'], target: Target, session: string, json: boolean): Promise<void> {
  if (json) return showTranscript(target, session, turnLines({ stdout, stderr: stdout }), () => {})
  const view = turnText({ stdout, stderr: stdout })
  let isFirst = true
  return showTranscript(target, session, view, ({ question, attachments }) => {
    const names = attachments.map(name => `\n  with ${oneLine(name)}`).join('')
    view.heading(`${isFirst ? '' : '\n'}${styled('bold', quoted(question))}${names}`)
    isFirst = false
  })
}

const quoted = (question: string) =>
  visible(question)
    .trimEnd()
    .split('\n')
    .map(line => `> ${line}`)
    .join('\n')
