/** Why a handle's keys were not read, in words for a person: they follow `this is `. */
export class HandleRefused extends Error {
  override readonly name = 'HandleRefused'
}
