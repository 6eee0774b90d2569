// What the database holds, read past everything that is watched.

import type { Database } from '@spoq/server/db/open'
import type { Change, Rows } from './evidence.ts'

/** Has the database itself note each change of a state, in the transaction that makes it. */
export async function installWitness({ query }: Database): Promise<void> {
  await query(`
    CREATE TABLE IF NOT EXISTS crash_witness (id bigint GENERATED ALWAYS AS IDENTITY, machine text, was text, is_now text);
    CREATE OR REPLACE FUNCTION crash_witness_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO crash_witness (machine, was, is_now)
        VALUES (NEW.id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.state END, NEW.state);
      RETURN NULL;
    END $$;
    CREATE OR REPLACE TRIGGER crash_witness_insert AFTER INSERT ON machine
      FOR EACH ROW EXECUTE FUNCTION crash_witness_change();
    CREATE OR REPLACE TRIGGER crash_witness_update AFTER UPDATE ON machine
      FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION crash_witness_change();`)
}

/** The machine that was made with a key. */
export async function machineOf({ query }: Database, key: string): Promise<string | undefined> {
  const rows = await query<{ id: string }>('SELECT id FROM machine WHERE request_key = $1', [key])
  return rows[0]?.id
}

/** The last day of a grace that nobody waits for. */
export const farAway = '2999-01-01T00:00:00.000Z'

/** Nobody works on a machine, and each is as it is wanted, or was given up; one that runs has an address. */
export async function isAtRest({ query }: Database): Promise<boolean> {
  const rows = await query<{ busy: number }>(
    `SELECT count(*)::int AS busy FROM machine
     WHERE lease_until IS NOT NULL OR (state = 'running' AND endpoint IS NULL)
       OR (state <> wanted AND state <> 'failed' AND NOT (state = 'suspended' AND holds <> '[]' AND wanted <> 'terminated')
          AND NOT (account_id IS NULL AND stage = 'warm'))
       OR (state <> 'terminated' AND ending->>'endsAt' < $1)`,
    [farAway],
  )
  return rows[0]?.busy === 0
}

/** Every machine there ever was, by the key it was made with. */
export async function readMachines({ query }: Database): Promise<Record<string, Rows>> {
  const machines = await query<Omit<Rows, 'changes' | 'audit'> & { key: string }>(
    'SELECT request_key AS key, id AS machine, state, wanted FROM machine',
  )
  const changes = await query<Change & { machine: string }>(
    'SELECT machine, was AS from, is_now AS to FROM crash_witness ORDER BY id',
  )
  const audit = await query<Change & { machine: string }>(
    `SELECT resource AS machine, from_state AS from, to_state AS to FROM audit_record
     WHERE resource IN (SELECT id FROM machine) ORDER BY id`,
  )
  const of = (all: (Change & { machine: string })[], machine: string) =>
    all.flatMap(({ from, to, ...row }) => (row.machine === machine ? [{ from, to }] : []))
  return Object.fromEntries(
    machines.map(({ key, ...row }) => [
      key,
      { ...row, changes: of(changes, row.machine), audit: of(audit, row.machine) },
    ]),
  )
}
