// The rows of our tables, as Kysely types the queries. What makes them stands in `migrations/`.
// Tables of better-auth are not here: only `identity/` knows them (`db.withTables<...>()`).

import type { BackupKind, BackupState, Restore } from '@spoq/contracts/backup'
import type { Chain, Standing, TopUp, TopUpState } from '@spoq/contracts/credit'
import type { EndingCopy, Hold, MachineState, ProviderName, WantedState } from '@spoq/contracts/machine'
import type { AccountVendor } from '@spoq/contracts/model-key'
import type { BillingInterval, PlanName } from '@spoq/contracts/plan'
import type { PolicyName } from '@spoq/contracts/policy'
import type { ErrorCode } from '@spoq/contracts/problem'
import type { SubscriptionState } from '@spoq/contracts/subscription'
import type { ColumnType, Generated, Insertable, Selectable, Updateable } from 'kysely'
import type { KnownTemplate } from '../template/table.ts'

export interface Tables {
  machine: MachineTable
  claimed_name: ClaimedNameTable
  machine_task: MachineTaskTable
  machine_domain: MachineDomainTable
  machine_access: MachineAccessTable
  machine_tunnel: MachineTunnelTable
  ssh_gateway: SshGatewayTable
  machine_ssh: MachineSshTable
  ssh_session: SshSessionTable
  ssh_question: SshQuestionTable
  machine_setup: MachineSetupTable
  connection: ConnectionTable
  profile: ProfileTable
  device: DeviceTable
  proven_key: { fingerprint: string; account_id: string; proven_at: Date }
  audit_record: AuditTable
  secret: SecretTable
  secret_key: { version: string; forgotten_at: Date | null }
  model_key: ModelKeyTable
  backup: BackupTable
  machine_restore: RestoreTable
  backend: BackendTable
  pool_limits: PoolLimitsTable
  account_plan: AccountPlanTable
  stripe_customer: { account_id: string; customer: string; created_at: Date }
  webhook: WebhookTable
  stale: StaleTable
  subscription: SubscriptionTable
  top_up: TopUpTable
  taken_back: TakenBackTable
  prepaid: PrepaidTable
  credit_standing: { account_id: string; standing: Standing; updated_at: Date }
  model_credit: ModelCreditTable
  model_call: ModelCallTable
  subscription_claim: SubscriptionClaimTable
  message_count: MessageCountTable
  policy_acceptance: { account_id: string; policy: PolicyName; version: string; accepted_at: Date }
  'ledger.due': DueTable
  secret_fingerprint: { only_one: Generated<boolean>; fingerprint: string }
}

/** What a run of charges takes. The ledger's other tables are changed by its functions alone. */
interface DueTable {
  run: string
  account: string
  /** A number would not be exact. */
  amount: string
}

interface AccountPlanTable {
  account_id: ColumnType<string, string, never>
  /** What it pays for; null: nothing. */
  bought: PlanName | null
  /** What whoever runs the server gave it, which goes before. */
  given: PlanName | null
  given_reason: string | null
  updated_at: Date
}

interface WebhookTable {
  id: ColumnType<string, string, never>
  type: string
  object: string | null
  made_at: Date
  received_at: Date
  payload: unknown
}

interface StaleTable {
  object: ColumnType<string, string, never>
  kind: string
  touched: Generated<number>
  attempts: Generated<number>
  next_at: Date
}

export type StaleRow = Selectable<StaleTable>

interface ModelCreditTable {
  account_id: ColumnType<string, string, never>
  is_on: boolean
  budget_cents: number | null
  generation: Generated<number>
  updated_at: Date
}

export type ModelCreditRow = Selectable<ModelCreditTable>

interface ModelCallTable {
  id: ColumnType<string, string, never>
  account_id: ColumnType<string, string, never>
  machine_id: ColumnType<string, string, never>
  vendor: ColumnType<AccountVendor, AccountVendor, never>
  model: ColumnType<string, string, never>
  began_at: ColumnType<Date, Date, never>
  held_micros: ColumnType<number, number, never>
  ended_at: Date | null
  input_tokens: number | null
  cached_tokens: number | null
  output_tokens: number | null
  cost_micros: number | null
  /** Null: it goes on, or nobody has looked yet what became of it. */
  outcome: CallOutcome | null
}

/** `lost`: cut off; what the vendor counted nobody knows, and nothing was taken. */
export type CallOutcome = 'paid' | 'free' | 'lost'

interface MessageCountTable {
  machine_id: ColumnType<string, string, never>
  /** As `2026-11`, UTC. */
  month: ColumnType<string, string, never>
  total: number
  on_credit: number
}

interface SubscriptionTable {
  id: ColumnType<string, string, never>
  account_id: ColumnType<string, string, never>
  plan: PlanName
  billing_interval: BillingInterval
  state: SubscriptionState
  /** Stripe's id of it; null until something was paid. */
  stripe_id: string | null
  /** Where it is paid for the first time. */
  checkout: string | null
  checkout_url: string | null
  checkout_expires_at: Date | null
  /** How often a checkout was made for it: each has a key of its own at Stripe. */
  checkouts: Generated<number>
  checkout_plan: PlanName | null
  checkout_interval: BillingInterval | null
  coupon: string | null
  period_end: Date | null
  cancel_at_period_end: Generated<boolean>
  failures: Generated<number>
  grace_until: Date | null
  frozen_until: Date | null
  /** When Stripe was asked last. */
  read_at: Date | null
  /** When time alone changes it. */
  next_at: Date | null
  version: Generated<number>
  created_at: ColumnType<Date, Date, never>
  updated_at: Date
}

/** How far a dispute has come, or that money was refunded. */
export type ClaimState = 'open' | 'won' | 'lost' | 'refunded'

interface SubscriptionClaimTable {
  /** The id of the dispute, or of the charge that was refunded. */
  source: ColumnType<string, string, never>
  account_id: ColumnType<string, string, never>
  /** Stripe's id of the subscription. */
  stripe_id: ColumnType<string, string, never>
  state: ClaimState
  cents: number
  updated_at: Date
}

export type SubscriptionClaimRow = Selectable<SubscriptionClaimTable>

export type SubscriptionRow = Selectable<SubscriptionTable>
export type SubscriptionChange = Updateable<SubscriptionTable>

interface TopUpTable {
  id: ColumnType<string, string, never>
  account_id: ColumnType<string, string, never>
  /** Whose Idempotency-Key it was made with: an operator's, where it was given. */
  asked_by: ColumnType<string, string, never>
  idem_key: ColumnType<string, string, never>
  request_hash: ColumnType<string, string, never>
  method: ColumnType<TopUp['method'], TopUp['method'], never>
  chain: ColumnType<Chain | null, Chain | null, never>
  cents: ColumnType<number, number, never>
  state: TopUpState
  note: string | null
  /** Its id at who takes the payment; null: it is not known yet whether there is one. */
  reference: string | null
  /** What was paid, as refunds and disputes name it. */
  payment: string | null
  url: string | null
  address: string | null
  /** So many coins are asked for. */
  coins: string | null
  expires_at: Date
  /** When it is looked at though nobody told of it. */
  next_at: Date | null
  /** When a person decided about it, and how much became credit then. */
  settled_at: Date | null
  credited_cents: number | null
  created_at: ColumnType<Date, Date, never>
  updated_at: Date
}

export type TopUpRow = Selectable<TopUpTable>
export type NewTopUpRow = Insertable<TopUpTable>
export type TopUpChange = Updateable<TopUpTable>

interface TakenBackTable {
  source: ColumnType<string, string, never>
  top_up: ColumnType<string, string, never>
  cents: number
  changes: number
  updated_at: Date
}

interface PrepaidTable {
  machine_id: ColumnType<string, string, never>
  account_id: ColumnType<string, string, never>
  micros_daily: number
  /** A day, as 2026-01-31. */
  charged_to: ColumnType<Date, string, string>
}

export type AccountPlanRow = Selectable<AccountPlanTable>

interface BackupTable {
  id: ColumnType<string, string, never>
  machine_id: ColumnType<string, string, never>
  account_id: ColumnType<string, string, never>
  kind: ColumnType<BackupKind, BackupKind, never>
  /** Of a daily one, which day: each has one. */
  slot: ColumnType<number | null, number | null | undefined, never>
  state: BackupState
  /** Its name where it is stored. */
  object: ColumnType<string, string, never>
  bytes: number | null
  sha256: string | null
  /** The same of what is stored. */
  stored_bytes: number | null
  stored_sha256: string | null
  /** The key it is sealed with. */
  secret_id: string | null
  attempts: Generated<number>
  next_attempt_at: Date | null
  error_code: ErrorCode | null
  error_message: string | null
  created_at: ColumnType<Date, Date, never>
  made_at: Date | null
  expires_at: Date
}

export type BackupRow = Selectable<BackupTable>
export type BackupChange = Updateable<BackupTable>

interface RestoreTable {
  machine_id: ColumnType<string, string, never>
  account_id: ColumnType<string, string, never>
  backup_id: string
  state: Restore['state']
  attempts: Generated<number>
  next_attempt_at: Date | null
  error_code: ErrorCode | null
  error_message: string | null
  asked_at: Date
  ended_at: Date | null
}

export type RestoreRow = Selectable<RestoreTable>

export interface MachineDomainTable {
  domain: ColumnType<string, string, never>
  machine_id: ColumnType<string, string, never>
  account_id: ColumnType<string, string, never>
  /** What has to stand in its DNS. */
  token: ColumnType<string, string, never>
  created_at: ColumnType<Date, Date, never>
  /** Null while it is only claimed. */
  verified_at: Date | null
  checked_at: Date | null
  /** Looks in a row at which the proof was gone. */
  missed: Generated<number>
}

export interface MachineTaskTable {
  id: ColumnType<string, string, never>
  machine_id: ColumnType<string, string, never>
  kind: ColumnType<'resize' | 'restart' | 'rotate' | 'snapshot' | 'restore' | 'remove-snapshot', string, never>
  /** The size to come to, the snapshot to go back to or to remove, the name of the one to take. */
  argument: ColumnType<string, string, never>
  /** `removed`: of a snapshot that was. */
  state: 'waiting' | 'done' | 'failed' | 'removed'
  /** What the provider calls a snapshot. */
  provider_ref: string | null
  attempts: Generated<number>
  next_attempt_at: Date | null
  error_message: string | null
  price_cents: number | null
  price_currency: string | null
  created_at: ColumnType<Date, Date, never>
  ended_at: Date | null
  /** The order in which they are done. */
  seq: ColumnType<number, never, never>
}

export interface ClaimedNameTable {
  name: ColumnType<string, string, never>
  account_id: string
  /** Whom it leads to. */
  machine_id: string
  /** Null while it is the machine's name; else it is kept for its account until then. */
  until: Date | null
}

interface BackendTable {
  id: string
  base_url: string
  /** It is silent, or gone, from then on. */
  until: Date
}

interface PoolLimitsTable {
  only_one: Generated<boolean>
  /** How many machines that are nobody's there are at least and at most. */
  least: number
  most: number
  set_at: Date
}

interface MachineTable {
  id: ColumnType<string, string, never>
  /** Null: one that is made ahead, and nobody's until it is claimed. */
  account_id: ColumnType<string | null, string | null, string>
  name: string
  provider: ColumnType<ProviderName, ProviderName, never>
  template: ColumnType<KnownTemplate, KnownTemplate, never>
  /** In the provider's own words; null where there is no choice. */
  region: ColumnType<string | null, string | null | undefined, never>
  size: string | null
  /** What it costs a month there, in hundredths; null where it costs nothing. */
  price_cents: number | null
  price_currency: string | null
  /** What the owner wants. */
  wanted: WantedState
  /** JSON text going in, parsed coming out. */
  holds: ColumnType<Hold[], string, string>
  state: MachineState
  /** What is being done just now, for a person. */
  stage: string | null
  /** The provider's name for its resource, once one is ours. */
  provider_ref: string | null
  /** What stands in the DNS for it: `NAME V4 V6`. */
  published: string | null
  /** Whose tokens it takes, by the create that was answered last; null while that is not known. */
  issuer: string | null
  endpoint: string | null
  /** Tries in a row that failed. */
  attempts: Generated<number>
  next_attempt_at: Date | null
  /** When the last create was sent off whose answer we do not know: no second one before the provider's list is sure. By the
   * database's clock: another backend may read it. */
  create_sent_at: Date | null
  /** Null: no end is wanted. JSON text going in, parsed coming out. */
  ending: ColumnType<Ending | null, string | null | undefined, string | null>
  /** Whether it answers, as `health/` alone writes it, which is no new version. JSON text going in, parsed coming out. */
  health: ColumnType<Health | null, string | null | undefined, string | null>
  /** While a reconciler works on the row, and whose: `machine/lease.ts`. */
  lease_until: Date | null
  lease_owner: string | null
  error_code: ErrorCode | null
  error_message: string | null
  /** The Idempotency-Key it was made with, and the hash of that request. */
  request_key: string | null
  request_hash: string | null
  /** What one that is made ahead was made of; null for the others. */
  pool_form: ColumnType<string | null, string | null | undefined, never>
  /** Counts every change: whoever writes says which version was read. */
  version: Generated<number>
  /** When its owner asked for it; while it is nobody's, when it was. */
  created_at: Date
  updated_at: Date
}

/** Whether a machine answers; instants as in the contracts. */
export interface Health {
  state: 'healthy' | 'unhealthy'
  since: string
  reason: string | null
  /** The owner was. */
  told: boolean
  /** How often it was restarted without getting well for long, and when it may be again. */
  restarts: number
  restartAt: string | null
}

/** The grace before a machine's end; instants as in the contracts. */
export interface Ending {
  endsAt: string
  copy: EndingCopy
  /** The final backup that is being made, or was. */
  backup: string | null
  /** `making`: by then the machine has to run; `failed`: it is tried again then. */
  nextAt: string | null
  /** Its end was put off once because there is no final backup. */
  extended: boolean
  /** Why the last try failed, and whether the owner was told of one. */
  reason: string | null
  told: boolean
}

export type MachineRow = Selectable<MachineTable>
/** One that is somebody's. */
export type OwnedRow = MachineRow & { account_id: string }
export type NewMachineRow = Insertable<MachineTable>
export type NewOwnedRow = NewMachineRow & { account_id: string }
export type MachineChange = Omit<
  Updateable<MachineTable>,
  'version' | 'updated_at' | 'account_id' | 'created_at' | 'request_key' | 'request_hash'
>

export interface MachineAccessTable {
  machine_id: ColumnType<string, string, never>
  /** Of the last snapshot that was sent, whatever became of it. */
  number: number
  /** The hash of what the machine said last that it goes by. */
  acknowledged: string | null
  /** Tries in a row that failed. */
  attempts: Generated<number>
  next_attempt_at: Date | null
}

export interface MachineSetupTable {
  machine_id: ColumnType<string, string, never>
  /** Which set-up of the machine this is: each has a token of its own. */
  round: number
  /** Of the one-time token that its reports come with. */
  token_hash: string
  /** Whose tokens the machine takes by it, and where it is reached: a name that it gets later is not known there. */
  issuer: string
  endpoint: string
  /** The same of the one that was done last; null while none was. */
  made_endpoint: string | null
  made_issuer: string | null
  /** It is run over SSH by a backend; else by the server itself at its first start. */
  over_ssh: boolean
  begun_at: Date
  /** Reports that come later are refused. */
  expires_at: Date
  /** When the server last said something. */
  heard_at: Date | null
  stage: string | null
  /** The last lines of its log. */
  log: string
  error: string | null
  done_at: Date | null
  /** The server's SSH host key, as it said itself; known before it is done. */
  host_key: string | null
  /** Tries in a row to bring a machine up to date, and when the next one is due. */
  attempts: number
  next_attempt_at: Date | null
  release: string | null
}

export interface ConnectionTable {
  id: ColumnType<string, string, never>
  account_id: ColumnType<string, string, never>
  address: ColumnType<string, string, never>
  port: ColumnType<number, number, never>
  login_name: ColumnType<string, string, never>
  /** The private key, and the line for authorized_keys. */
  secret_id: string
  public_key: string
  /** Those that are to come in their place, while that is being done. */
  next_secret_id: string | null
  next_public_key: string | null
  /** The one before, while it may still open the server. */
  old_public_key: string | null
  /** `ssh-ed25519 AAAA…`, as its owner confirmed it. */
  host_key: string | null
  machine_id: string | null
  /** Nothing of its machine is left on the server but the key. */
  cleaned_at: Date | null
  created_at: ColumnType<Date, Date, never>
}

export interface ProfileTable {
  id: ColumnType<string, string, never>
  account_id: ColumnType<string, string, never>
  machine_id: ColumnType<string, string, never>
  name: ColumnType<string, string, never>
  /** Made with its machine. */
  is_default: ColumnType<boolean, boolean, never>
  may_forward: boolean
  may_tty: boolean
  created_at: ColumnType<Date, Date, never>
}

export interface DeviceTable {
  id: ColumnType<string, string, never>
  account_id: ColumnType<string, string, never>
  machine_id: ColumnType<string, string, never>
  profile_id: ColumnType<string, string, never>
  name: string
  /** `type base64`. */
  key: ColumnType<string, string, never>
  fingerprint: ColumnType<string, string, never>
  source: ColumnType<string | null, string | null, never>
  /** The login of the computer that the key is on. */
  login_id: ColumnType<string | null, string | null, never>
  last_used_at: Date | null
  last_used_from: string | null
  /** When its owner was told that another account has proven the key. */
  told_at: Date | null
  created_at: ColumnType<Date, Date, never>
  revoked_at: Date | null
}

interface SecretTable {
  /** Another one whenever the secret is another: it stands for the content where that must not be seen. */
  id: ColumnType<string, string, never>
  account_id: ColumnType<string, string, never>
  /** What it may be used for. */
  kind: ColumnType<string, string, never>
  /** Which one of theirs. */
  name: ColumnType<string, string, never>
  sealed: string
  /** The version of the key-encryption key that it needs. */
  key_version: string
  created_at: ColumnType<Date, Date, never>
}

export type SecretRow = Selectable<SecretTable>

interface ModelKeyTable {
  account_id: ColumnType<string, string, never>
  vendor: ColumnType<AccountVendor, AccountVendor, never>
  secret_id: string
  /** For people; where the key goes is sealed with it. */
  url: string
  masked: string
  /** Counts how often it was set. */
  version: number
  set_at: Date
  /** When the vendor was seen to take it; null: nobody looked. */
  checked_at: Date | null
}

export type ModelKeyRow = Selectable<ModelKeyTable>

export interface MachineTunnelTable {
  machine_id: ColumnType<string, string, never>
  /** Of the token that is good; no row: 1. */
  generation: number
  /** The one before is good until then, so that a machine can be told over the connection that it has. */
  previous_until: Date
}

export interface SshGatewayTable {
  authority: ColumnType<string, string, never>
  host_key: string
  seen_at: Date
}

export interface MachineSshTable {
  machine_id: ColumnType<string, string, never>
  host_key: string
  unix_user: string
  authorities: string
  told_at: Date
}

export interface SshSessionTable {
  id: ColumnType<string, string, never>
  account_id: ColumnType<string, string, never>
  machine_id: ColumnType<string, string, never>
  /** Of who came by a question: the login that was made of its answer. */
  device_id: ColumnType<string, string, never>
  /** Of who came by a question: as which profile; null: by a key. */
  profile_id: ColumnType<string | null, string | null, never>
  gateway: ColumnType<string, string, never>
  address: ColumnType<string, string, never>
  began_at: ColumnType<Date, Date, never>
  seen_at: Date
  ended_at: Date | null
}

export interface SshQuestionTable {
  id: ColumnType<string, string, never>
  words: ColumnType<string, string, never>
  gateway: ColumnType<string, string, never>
  address: ColumnType<string, string, never>
  /** Null: nobody's, and never answered. */
  machine_id: ColumnType<string | null, string | null, never>
  profile_id: ColumnType<string | null, string | null, never>
  created_at: ColumnType<Date, Date, never>
  expires_at: ColumnType<Date, Date, never>
  /** Who said yes; null with a time: the answer was no. */
  account_id: string | null
  decided_at: Date | null
  /** When somebody came in by it, or who asked went away. */
  over_at: Date | null
}

interface AuditTable {
  id: ColumnType<number, never, never>
  at: ColumnType<Date, Date, never>
  actor: ColumnType<string, string, never>
  action: ColumnType<string, string, never>
  resource: ColumnType<string, string, never>
  from_state: ColumnType<string | null, string | null, never>
  to_state: ColumnType<string | null, string | null, never>
  reason: ColumnType<string | null, string | null, never>
  request_id: ColumnType<string | null, string | null, never>
  /** The login, the token or the trust that the actor came with. */
  credential: ColumnType<string | null, string | null | undefined, never>
  /** Whose security log it stands in, if in one, with where the request came from. */
  account_id: ColumnType<string | null, string | null | undefined, never>
  address: ColumnType<string | null, string | null | undefined, never>
  agent: ColumnType<string | null, string | null | undefined, never>
}

export type AuditRow = Selectable<AuditTable>
