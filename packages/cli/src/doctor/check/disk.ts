import { type Check, fail, ok, warn } from '../check.ts'

const [least, little] = [100e6, 1e9]

export const disk: Check = {
  id: 'disk',
  needs: ['connection'],
  run: ({ found: { status } }) => {
    const free = status?.diskFreeBytes
    if (free === undefined) return ok('the machine does not tell')
    const says = `${(free / 1e9).toFixed(1)} GB free on the machine`
    if (free < least) return fail(says, 'Free some space there: nothing can be asked without it.')
    return free < little ? warn(says, 'Free some space there soon.') : ok(says)
  },
}
