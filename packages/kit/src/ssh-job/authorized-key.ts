// Who may come in on a server: a line of authorized_keys of the user that we come in as. The file is written aside and
// moved, so that a full disk or a broken connection locks nobody out.

import { quoted } from '../shell-word/index.ts'
import type { SshConnection } from './connect.ts'
import { SshFailed } from './error.ts'
import { textOf } from './output.ts'

/** Adds a line, once. @throws SshFailed `away`, `command`. */
export function addAuthorizedKey(connection: SshConnection, user: string, line: string): Promise<void> {
  const key = quoted(line)
  return change(connection, user, [
    `! grep -qxF -- ${key} "$a" || exit 0`,
    `{ cat "$a" && { [ -z "$(tail -c 1 "$a")" ] || echo; } && printf '%s\\n' ${key}; } >"$new" && mv -f "$new" "$a"`,
  ])
}

/** Takes away each line that has this key in it, whatever stands around it. @throws SshFailed `away`, `command`. */
export function removeAuthorizedKey(connection: SshConnection, user: string, line: string): Promise<void> {
  const blob = quoted(/AAAA[\w+/=]+/.exec(line)?.[0] ?? line)
  return change(connection, user, [`grep -vF -- ${blob} "$a" >"$new"; [ $? -le 1 ] && mv -f "$new" "$a"`])
}

async function change(connection: SshConnection, user: string, steps: string[]): Promise<void> {
  const script = [
    `a=$(getent passwd ${quoted(user)} | cut -d: -f6)/.ssh/authorized_keys`,
    'a=$(readlink -f "$a") && [ -f "$a" ] || exit 4',
    'new=$a.spoq',
    // Its owner and its mode go along.
    'trap \'rm -f "$new"\' EXIT',
    'cp -a "$a" "$new" || exit 5',
    ...steps,
  ].join('\n')
  const { status } = await textOf(await connection.exec(script))
  if (status !== 0)
    throw new SshFailed('command', `The keys of ${user} on the server cannot be changed: is its disk full?`)
}
