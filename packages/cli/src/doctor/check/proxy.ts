import { type Check, ok, warn } from '../check.ts'

const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']

export const proxy: Check = {
  id: 'proxy',
  run: () => {
    const set = names.filter(name => process.env[name])
    if (set.length === 0) return ok('no proxy is set')
    return warn(
      `${set.join(', ')} is set, and Spoq goes directly`,
      'If only the proxy leads out, ask for a direct way.',
    )
  },
}
