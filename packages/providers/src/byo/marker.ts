// What says on a server whose machine it is: one line in a file of ours, put there whole.

/** The line: the machine, and which Spoq's it is. */
export const markerOf = (machine: string, installation: string) => `${machine} ${installation}`

const form = /^(mach_[a-z0-9]{16,32}) ([a-z0-9]+)$/

/** Null for what is no marker: half of one, or something else. */
export function readMarker(line: string): { machine: string; installation: string } | null {
  const [, machine, installation] = form.exec(line) ?? []
  return machine && installation ? { machine, installation } : null
}
