import { type Check, ok, warn } from '../check.ts'

export const isolation: Check = {
  id: 'isolation',
  needs: ['connection'],
  run: ({ found: { status } }) =>
    status?.isolation === 'none'
      ? warn('tools run without isolation, so commands always ask', 'Install bubblewrap on the machine.')
      : ok(`tools run in ${status?.isolation}`),
}
