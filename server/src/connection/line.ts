import { quoted } from '@spoq/kit/shell-word'

/**
 * The line that lets us in on a server, for a shell of any kind. Its user's file of keys is added to, once; a last line
 * without an end is ended first.
 */
export const addLine = (user: string, publicKey: string) => inShell(user, publicKey, add)

/** The line that locks us out again. */
export const removeLine = (user: string, publicKey: string) =>
  inShell(user, /AAAA[\w+/=]+/.exec(publicKey)?.[0] ?? '', remove)

const inShell = (user: string, key: string, script: string) =>
  `$([ "$(id -u)" = 0 ] || echo sudo) sh -c ${quoted(script)} spoq ${user} ${quoted(key)}`

const place = 'umask 077; d=$(getent passwd "$1" | cut -d: -f6)/.ssh; a=$d/authorized_keys'

const add = [
  place,
  'mkdir -p "$d" && touch "$a" && { grep -qxF -- "$2" "$a" || { [ -z "$(tail -c 1 "$a")" ] || echo; echo "$2"; } >>"$a"; } && chown "$1:" "$d" "$a" && echo "Spoq may come in now."',
].join('; ')

const remove = [
  place,
  'cp -a "$a" "$a.spoq"; grep -vF -- "$2" "$a" >"$a.spoq"; [ $? -le 1 ] && mv "$a.spoq" "$a"',
].join('; ')
