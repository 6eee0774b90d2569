import { quoted } from '@spoq/kit/shell-word'
import { type MachineSpec, ProviderError, type Resource } from '../provider.ts'
import { markerOf } from './marker.ts'
import type { Byo } from './options.ts'
import { ask, onServer, resourceOn, type Server, unit } from './server.ts'

/** Marks the server as this machine, unless it is another one; one that was stopped is started. */
export async function create(byo: Byo, { machine }: MachineSpec): Promise<Resource> {
  const connection = await byo.connections.find(machine)
  if (!connection) throw new ProviderError('refused', 'There is no connection to a server for this machine.')
  return onServer(byo, connection.ref, async server => {
    await mark(byo, server, machine)
    const made = await resourceOn(byo, server, connection.ref, machine)
    if (made) return made
    throw new ProviderError('retry', 'The server has lost the mark that was put on it.')
  })
}

/** The marker appears whole and once: whoever comes second finds it. The way to be rid of it all lies beside it. */
async function mark(byo: Byo, server: Server, machine: string): Promise<void> {
  const ours = quoted(markerOf(machine, byo.installation))
  const text = await ask(
    byo,
    server,
    [
      'umask 022',
      'full() { echo "Nothing can be written on the server: is its disk full?"; rm -f "$f"/.new.$$; exit 1; }',
      'mkdir -p "$f" 2>/dev/null || full',
      // A machine that another Spoq set up at its first start has no marker of ours.
      `if [ ! -e "$f/machine" ]; then v=$(sed -n 's/.*"machine":"\\(mach_[a-z0-9]*\\)".*/\\1/p' "$f/vps.marker" 2>/dev/null)`,
      `  [ -z "$v" ] || [ "$v" = ${quoted(machine)} ] || { echo "other $v"; exit 0; }; fi`,
      'm=$(head -n 1 "$f/machine" 2>/dev/null)',
      `if ! printf '%s\\n' "$m" | grep -Eq '^mach_[a-z0-9]{16,32} [a-z0-9]+$'; then`,
      `  printf '%s\\n' ${ours} >"$f/.new.$$" && [ -s "$f/.new.$$" ] || full`,
      // Half a marker is nobody's.
      '  [ ! -e "$f/machine" ] || mv -f "$f/.new.$$" "$f/machine" || full',
      '  [ ! -e "$f/.new.$$" ] || ln "$f/.new.$$" "$f/machine" 2>/dev/null; rm -f "$f/.new.$$"',
      '  m=$(head -n 1 "$f/machine")',
      'fi',
      `[ "$m" = ${ours} ] || { echo "other $m"; exit 0; }`,
      'cat >"$f/.new.$$" && [ -s "$f/.new.$$" ] && mv -f "$f/.new.$$" "$f/remove.sh" || full',
      'rm -f "$f/stopped"',
      `[ ! -e ${unit} ] || systemctl enable --now --quiet spoq-conductor >/dev/null 2>&1`,
      'echo ours',
    ],
    byo.removal,
  )
  const other = /^other (\S+)/m.exec(text)?.[1]
  if (other) throw new ProviderError('refused', isAnother(byo, other))
}

const isAnother = ({ folder }: Byo, machine: string) =>
  `This server is the machine ${machine} already. End that one first; if it is over, run there: sudo sh ${folder}/remove.sh`
