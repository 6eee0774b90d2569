// The texts that have to be accepted, as they hold now. A changed text is a new version: it is accepted again before the next
// machine is made; those that there are go on.

import type { Policy, PolicyName } from '@spoq/contracts/policy'

const acceptableUse = `A seedbox moves large files between you and others. It is yours to use within these rules.

1. Share only what you may share: your own work, works with a licence that allows it, works that are free for all. What others have the rights to needs their consent.

2. Nothing that is against the law where you are or where the machine stands; nothing that shows the abuse of children; no malware, no attacks on others, no unasked-for mail.

3. Leave the network usable: no open proxies, no scans, no flooding. The provider's own terms hold as well.

4. When somebody writes that a work is theirs, we pass that on to you and you take it down within 48 hours, or answer why you may share it. Until that is settled we may stop the machine (hold "abuse"); your files are kept meanwhile.

5. Three founded complaints within twelve months, or one about the abuse of children or an attack, end the machine and may end the account. Days that are paid and not used then are given back; a day that has begun is not.

6. We do not look into your files. We keep who had which address when, for as long as the law asks for it, and give it out only where the law demands it.`

export const policies: Readonly<Record<PolicyName, Policy>> = {
  'acceptable-use': {
    name: 'acceptable-use',
    version: '2026-11-22',
    title: 'Acceptable use of a seedbox',
    text: acceptableUse,
  },
}
