// What better-auth says in one word when a sign-in with a service ends badly, for people.

import { SpoqError } from '@spoq/contracts/problem'
import { type SocialId, socialName } from './provider.ts'

/** The refusal for one of its words; they come in an address, so that unknown ones are not repeated. */
export function refusalFor(id: SocialId, word: string): SpoqError {
  const name = socialName[id]
  const no = (message: string, next: string) => new SpoqError('sign_in_refused', { message, next })
  switch (word) {
    case 'account_not_linked':
      return no(
        `There is an account with your e-mail address already, and it is not connected to ${name}.`,
        `Sign in with its password (“Forgot your password?” sets one), verify the address, then connect ${name} at /account/security.`,
      )
    case 'unable_to_link_account':
      return no(
        `${name} does not know your e-mail address as verified, or another account there is connected to yours.`,
        `Verify it at ${name}, or disconnect the other at /account/security.`,
      )
    case 'account_already_linked_to_different_user':
      return no(
        `That account at ${name} is connected to another account here.`,
        'Sign in with it and disconnect it there.',
      )
    case 'email_not_found':
      return no(`${name} tells no e-mail address of yours.`, `Add one at ${name}, or sign up with a password.`)
    case 'access_denied':
      return no(`You did not allow it at ${name}.`, 'Try again, or sign in another way.')
    case 'state_mismatch':
    case 'state_not_found':
      return no('This sign-in has expired, or was begun in another browser.', 'Start it again here.')
    default:
      return no(`Signing in with ${name} did not work.`, 'Try again, or sign in another way.')
  }
}
