import type { Byo } from './options.ts'

/** Forgets a server that cannot be cleaned; answers what is left there, for the owner. */
export async function abandon(byo: Byo, ref: string): Promise<string> {
  const connection = await byo.connections.get(ref)
  await byo.connections.forget(ref)
  byo.seen.delete(ref)
  const left = connection?.isCleaned
    ? 'The key of this Spoq stays on it'
    : 'The machine and the key of this Spoq stay on it'
  return `The server does not let itself be cleaned. ${left}: should it come back, run there: sudo sh ${byo.folder}/remove.sh`
}
