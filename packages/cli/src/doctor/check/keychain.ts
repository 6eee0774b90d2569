import { loadKeychain } from '../../login/keychain.ts'
import { remembers } from '../../login/secret-store.ts'
import { type Check, ok, warn } from '../check.ts'

export const keychain: Check = {
  id: 'keychain',
  run: async ({ context, here }) => {
    if (here) return ok('not needed: this is the machine itself')
    if (context.setting('KEYCHAIN') === 'off') return ok('switched off by SPOQ_KEYCHAIN')
    const found = await loadKeychain()
    if (found && (await remembers(found))) return ok('works')
    return warn('none answers: logins are kept in a file', 'To use one, install libsecret and unlock the keyring.')
  },
}
