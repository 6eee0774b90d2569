// A process that posts for many clients and can be killed: it says of each post when it is acknowledged.

import { openDatabase } from '@spoq/server/db/open'
import { openBatch } from '@spoq/server/ledger/batch'
import { sendPosts } from '@spoq/server/ledger/store'
import { load } from './load.ts'

const [, , url = '', name = ''] = process.argv
const database = await openDatabase({ dataDir: '', url })
const batch = openBatch(posts => sendPosts(database.db, posts, Date.now()))
process.on('disconnect', () => process.exit())
process.send?.('ready')
await load({ db: database.db, now: Date.now, batch }, name, key => process.send?.(key))
