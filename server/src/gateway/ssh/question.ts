// Who has no key is shown an address and three words, and comes in when the owner of the machine lets them in there.

import { Ended, PersonRefused } from '@spoq/kit/ssh-relay'
import type { Asked, SshBackend, Wish } from './backend.ts'
import { type Asking, type Entered, refusalOf } from './entered.ts'
import type { Coming } from './until-there.ts'

/** Those who wait to be let in by words, which takes long. */
export interface Questions {
  /** Answers what to call at its end; null: there are as many as may be. */
  begin(): (() => void) | null
}

/** Who presses Enter more often before the owner said yes is not waited for: a client without a terminal does so at once. */
const mostEnters = 10

export async function byQuestion(
  { backend, questions }: { backend: SshBackend; questions: Questions },
  wish: Wish,
  show: (text: string) => Promise<void>,
  asking: Asking,
): Promise<Entered | Coming | null> {
  const done = questions.begin()
  if (!done) return { refusal: 'Too many people wait to be let in. Try again in a minute, or come with a key.' }
  asking.over = async () => done()
  try {
    const asked = await backend.ask(wish)
    const { question } = asked
    asking.again = () => backend.enterByAnswer(question).catch(error => refusalOf(error, 'code_expired'))
    asking.over = async () => {
      done()
      // Nobody is let in by words that nobody waits with; of a session that began it changes nothing.
      await backend.drop(question).catch(() => {})
    }
    let text = questionText(asked)
    for (let enters = 0; enters < mostEnters; enters++) {
      await show(text)
      const entry = await backend.enterByAnswer(question)
      if (entry) return entry
      text = 'Nobody said yes yet.'
    }
    return null
  } catch (error) {
    if (error instanceof Ended || error instanceof PersonRefused) throw error
    return refusalOf(error, 'code_expired')
  }
}

/** For a screen of 40 columns. */
const questionText = ({ page, words, seconds }: Asked) =>
  `To sign in without a key, open this page
in a browser where you are signed in:

${page}

and type in these three words:

${words}

They are good for ${Math.round(seconds / 60)} minutes.`
