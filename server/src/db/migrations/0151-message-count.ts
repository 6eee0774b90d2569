import { frozenSql } from '../frozen-sql.ts'

/** How many messages a machine said that it accepted in a month: the greatest number that it ever told. */
export const messageCount = frozenSql(
  `CREATE TABLE message_count (
    machine_id text NOT NULL REFERENCES machine (id) ON DELETE CASCADE,
    month text NOT NULL,
    total integer NOT NULL,
    -- Of these, those on Spoq credit.
    on_credit integer NOT NULL,
    PRIMARY KEY (machine_id, month)
  )`,
)
