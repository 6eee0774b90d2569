import { type Check, fail, ok } from '../check.ts'

const oldest = [22, 22, 2]

export const node: Check = {
  id: 'node',
  run: () => {
    const parts = process.versions.node.split('.').map(Number)
    const difference = oldest.map((part, index) => (parts[index] ?? 0) - part).find(one => one !== 0) ?? 0
    if (difference >= 0) return ok(`Node ${process.versions.node}`)
    return fail(`Node ${process.versions.node} is too old`, `Install ${oldest.join('.')} or newer.`)
  },
}
