/** Why a key is not taken, in words for a person: they follow `this is `. Nothing of what was read stands in them. */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused'
}
