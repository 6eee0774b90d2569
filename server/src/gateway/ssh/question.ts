// Who has no key: an address and three words are shown, and whom the owner of the machine lets in there, is in.

import { type Answered, answered, refusalOf } from './answered.ts'
import type { Asked, SshBackend, Wish } from './backend.ts'
import type { Coming } from './until-there.ts'

/** Those who wait to be let in by words, which takes long. */
export interface Questions {
  /** Answers what to call at its end; null: there are as many as may be. */
  begin(): (() => void) | null
}

interface Ports {
  backend: SshBackend
  questions: Questions
}

/** Who presses Enter more often before the owner said yes is not waited for: a client without a terminal does so at once. */
const mostEnters = 10

/**
 * Asks one person; `who` is null when nobody let them in. `again` asks once more where the machine is still to come up.
 * @param show shows a text, and settles at Enter
 */
export async function byQuestion(
  { backend, questions }: Ports,
  wish: Wish,
  show: (text: string) => Promise<void>,
): Promise<{ who: Answered | null; again: () => Promise<Answered | null> }> {
  const done = questions.begin()
  if (!done) return refused('Too many people wait to be let in. Try again in a minute, or come with a key.')
  try {
    const asked = await backend.ask(wish).catch(refusalOf)
    if ('refusal' in asked) return refused(asked.refusal)
    const again = () => answered(async () => (await backend.enterByAnswer(asked.question)) ?? undecided, 'code_expired')
    let who: Answered | null = undecided
    try {
      for (let enters = 0; who === undecided && enters < mostEnters; enters++) {
        await show(enters === 0 ? questionText(asked) : undecided.coming)
        who = await again()
      }
    } finally {
      // Nobody is let in by words that nobody waits with; of a session that began it changes nothing.
      if (who === undecided) await backend.drop(asked.question).catch(() => {})
    }
    return { who: who === undecided ? null : who, again }
  } finally {
    done()
  }
}

const undecided: Coming = { coming: 'Nobody said yes yet.' }

const refused = (refusal: string) => ({ who: { refusal }, again: async () => ({ refusal }) })

/** For a screen of 40 columns. */
const questionText = ({ page, words, seconds }: Asked) =>
  `To sign in without a key, open this page
in a browser where you are signed in:

${page}

and type in these three words:

${words}

They are good for ${Math.round(seconds / 60)} minutes.`
