// How devices look.

import type { Device } from '@spoq/contracts/device'
import { ago, table } from '../output.ts'
import { oneLine } from '../render/visible.ts'
import { typeInWords } from './choose-keys.ts'

export const deviceTable = (devices: readonly Device[], now: number): string =>
  table(
    ['NAME', 'MACHINE', 'PROFILE', 'STATE', 'USED', 'KEY', 'ID'],
    devices.map(one => [
      oneLine(one.name),
      one.machineName,
      one.profileName,
      one.state,
      one.lastUsedAt ? `${ago(one.lastUsedAt, now)}${one.lastUsedFrom ? ` from ${one.lastUsedFrom}` : ''}` : 'never',
      `${typeInWords(one.type)} ${one.fingerprint}`,
      one.id,
    ]),
  )
