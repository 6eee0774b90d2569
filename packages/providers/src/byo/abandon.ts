import type { Byo } from './options.ts'

/** What is left on a server that cannot be cleaned, for its owner. */
export async function leaves(byo: Byo, ref: string): Promise<string> {
  const connection = await byo.connections.get(ref)
  const left = connection?.isCleaned
    ? 'The key of this Spoq stays on it'
    : 'The machine and the key of this Spoq stay on it'
  return `The server does not let itself be cleaned. ${left}: should it come back, run there: sudo sh ${byo.folder}/remove.sh`
}

/** Forgets it. */
export async function abandon(byo: Byo, ref: string): Promise<void> {
  await byo.connections.forget(ref)
  byo.seen.delete(ref)
}
