/** What a secret belongs to. It is no secret itself; a sealed file that is moved to another place does not open there. */
export interface Binding {
  /** Whose it is: a machine's or an account's id. */
  owner: string
  /** Which one of theirs. */
  name: string
  /** What it may be used for. */
  purpose: string
}

/** The binding as additional authenticated data; no two bindings give the same bytes. */
export function bytesOf({ owner, name, purpose }: Binding): Buffer {
  return Buffer.from(JSON.stringify(['spoq-sealed-1', owner, name, purpose]))
}
