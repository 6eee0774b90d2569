/** How a key is shown: enough to tell two apart, too little to use. */
export function masked(key: string): string {
  if (key.length < 12) return '…'
  const prefix = /^[a-zA-Z]{2,6}-/.exec(key)?.[0] ?? ''
  return `${prefix}…${key.slice(-4)}`
}
