import { accountLine } from '../account.ts'
import { type Check, ok } from '../check.ts'

export const login: Check = {
  id: 'login',
  needs: ['server', 'clock'],
  run: async ({ context, here, signal }) =>
    here ? ok('not needed: this is the machine itself') : ok(await accountLine(context, signal)),
}
