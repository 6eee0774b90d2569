#!/bin/sh
# Starts a Conductor and the runner of its agents' commands, as two users without capabilities; nothing stays root.
#
#   init.sh CONDUCTOR TOOLS GROUP FOLDER     two users and the group of their workspace, by name or number
#
# It is started as root and needs of that the capabilities SETUID and SETGID alone: as the first process of a hardened
# container, or by spoq-conductor.service. What must be there:
#   FOLDER             0700, of CONDUCTOR: log, keys, local socket. No other user gets into it.
#   FOLDER/workspace   a link to a folder outside of it: 2770, of CONDUCTOR and GROUP.
#   TOOLS              a user for this alone: whatever runs as it is ended.
# Signals go to the Conductor, whose exit status is the one of this. When either of the two ends, so does the other.
set -eu
[ $# -eq 4 ] || { echo 'Usage: init.sh CONDUCTOR TOOLS GROUP FOLDER' >&2; exit 2; }

user() { case $1 in *[!0-9]*) id -u "$1" ;; *) echo "$1" ;; esac; }
group() { case $1 in *[!0-9]*) getent group "$1" | cut -d: -f3 ;; *) echo "$1" ;; esac; }
conductor=$(user "$1") tools=$(user "$2") group=$(group "$3") folder=$4
# Without links: a release that comes later is another folder, and parts of this one are still to be loaded.
here=$(cd "$(dirname "$0")" && pwd -P)
[ "$conductor" -ne 0 ] && [ "$tools" -ne 0 ] && [ "$conductor" -ne "$tools" ] && [ "$group" -ne 0 ] ||
  { echo "init.sh: two users and a group are needed, and none of them root" >&2; exit 2; }

# What either makes in the workspace the other may change.
umask 007
as() { who=$1; shift; exec setpriv --reuid="$who" --regid="$group" --clear-groups --inh-caps=-all --no-new-privs "$@"; }

# Two pipes without a name. Opened for both ways first: else an opening waits for the other end.
pipes=$(mktemp -d)
mkfifo -m 600 "$pipes/orders" "$pipes/reports"
exec 3<>"$pipes/orders" 4<"$pipes/orders" 5>"$pipes/orders" 3>&-
exec 3<>"$pipes/reports" 6<"$pipes/reports" 7>"$pipes/reports" 3>&-
rm -r "$pipes"
cd /

# Commands are of the runner's user and may look at its environment: it gets none.
(as "$tools" env -i PATH="$PATH" node "$here/runner.js" --user "$tools" <&4 >&7 4<&- 5>&- 6<&- 7>&-) &
exec 4<&- 7>&-

# From here on this process is the Conductor's user as well; it takes in whatever loses its parent.
as "$conductor" sh -c '
  "$@" & conductor=$!
  exec 5>&- 6<&-
  signal=
  for name in TERM INT HUP; do trap "signal=1; kill -$name $conductor 2>/dev/null" "$name"; done
  status=0
  wait "$conductor" || status=$?
  # A signal that is passed on ends the waiting, not the Conductor.
  while [ "$signal" ]; do
    signal= again=0
    wait "$conductor" || again=$?
    [ "$again" -eq 127 ] || status=$again
  done
  exit "$status"
' sh node "$here/main.js" --folder "$folder" --runner 6,5
