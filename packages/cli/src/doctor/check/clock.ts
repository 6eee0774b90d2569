import { type Check, fail, ok } from '../check.ts'

/** Tokens are refused when both clocks differ by more. */
const mostSeconds = 60

export const clock: Check = {
  id: 'clock',
  needs: ['server'],
  run: ({ context, found: { serverDate } }) => {
    if (serverDate === undefined || Number.isNaN(serverDate)) return ok('nothing to compare it with')
    const seconds = Math.round((context.now() - serverDate) / 1000)
    if (Math.abs(seconds) <= mostSeconds) return ok('as the server has it')
    const how = seconds > 0 ? 'ahead of' : 'behind'
    return fail(`this computer is ${Math.abs(seconds)} s ${how} the server`, 'Set the clock.')
  },
}
