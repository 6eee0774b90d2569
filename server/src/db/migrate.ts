// Brings the tables to this version. The list is code, because what ships is one file without a folder of migrations.

import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { auth } from './migrations/0010-auth.ts'
import { account } from './migrations/0020-account.ts'
import { login } from './migrations/0021-login.ts'
import { attempt } from './migrations/0022-attempt.ts'
import { auditRecord } from './migrations/0030-audit-record.ts'
import { machine } from './migrations/0031-machine.ts'
import { machineIssuer } from './migrations/0032-machine-issuer.ts'
import { mail } from './migrations/0040-mail.ts'
import { accountVerified } from './migrations/0041-account-verified.ts'
import { oneTime } from './migrations/0042-one-time.ts'
import { auditFrom } from './migrations/0043-audit-from.ts'
import { revocation } from './migrations/0044-revocation.ts'
import { twoFactor } from './migrations/0045-two-factor.ts'
import { requestCount } from './migrations/0046-request-count.ts'
import { wayIn } from './migrations/0047-way-in.ts'
import { accessToken } from './migrations/0050-access-token.ts'
import { trust } from './migrations/0051-trust.ts'
import { revokedCredential } from './migrations/0052-revoked-credential.ts'
import { auditCredential } from './migrations/0053-audit-credential.ts'
import { securityChange } from './migrations/0054-security-change.ts'
import { machineAccess } from './migrations/0060-machine-access.ts'
import { secret } from './migrations/0061-secret.ts'
import { modelKey } from './migrations/0062-model-key.ts'
import { machineLeaseOwner } from './migrations/0070-machine-lease-owner.ts'
import { backend } from './migrations/0071-backend.ts'
import { machinePlace } from './migrations/0080-machine-place.ts'
import { claimedName } from './migrations/0081-claimed-name.ts'
import { machineSetup } from './migrations/0082-machine-setup.ts'
import { machineTunnel } from './migrations/0086-machine-tunnel.ts'
import { backup } from './migrations/0090-backup.ts'
import { machineTask } from './migrations/0095-machine-task.ts'
import { machineDomain } from './migrations/0096-machine-domain.ts'
import { machinePublished } from './migrations/0097-machine-published.ts'
import { connection } from './migrations/0100-connection.ts'
import { machineRenewal } from './migrations/0101-machine-renewal.ts'
import { machineEnding } from './migrations/0110-machine-ending.ts'
import { machineHealth } from './migrations/0111-machine-health.ts'
import { pool } from './migrations/0115-pool.ts'
import { ledger } from './migrations/0120-ledger.ts'
import { ledgerPost } from './migrations/0121-ledger-post.ts'
import { ledgerCharge } from './migrations/0122-ledger-charge.ts'
import { ledgerSeal } from './migrations/0123-ledger-seal.ts'
import { accountPlan } from './migrations/0130-account-plan.ts'
import { stripe } from './migrations/0131-stripe.ts'
import { subscription } from './migrations/0132-subscription.ts'
import { webhook } from './migrations/0140-webhook.ts'
import { credit } from './migrations/0141-credit.ts'
import { modelCredit } from './migrations/0150-model-credit.ts'
import { messageCount } from './migrations/0151-message-count.ts'
import { policyAcceptance } from './migrations/0154-policy-acceptance.ts'
import { topUpSettled } from './migrations/0155-top-up-settled.ts'
import { modelCallOutcome } from './migrations/0159-model-call-outcome.ts'
import { subscriptionClaim } from './migrations/0160-subscription-claim.ts'
import { profile } from './migrations/0162-profile.ts'
import { device } from './migrations/0163-device.ts'
import { sshSession } from './migrations/0167-ssh-session.ts'
import { sshQuestion } from './migrations/0168-ssh-question.ts'

/** In order of their numbers; README says who has which. A migration that was released is never changed. */
const migrations: Record<string, Migration> = {
  '0010-auth': auth,
  '0020-account': account,
  '0021-login': login,
  '0022-attempt': attempt,
  '0030-audit-record': auditRecord,
  '0031-machine': machine,
  '0032-machine-issuer': machineIssuer,
  '0040-mail': mail,
  '0041-account-verified': accountVerified,
  '0042-one-time': oneTime,
  '0043-audit-from': auditFrom,
  '0044-revocation': revocation,
  '0045-two-factor': twoFactor,
  '0046-request-count': requestCount,
  '0047-way-in': wayIn,
  '0050-access-token': accessToken,
  '0051-trust': trust,
  '0052-revoked-credential': revokedCredential,
  '0053-audit-credential': auditCredential,
  '0054-security-change': securityChange,
  '0060-machine-access': machineAccess,
  '0061-secret': secret,
  '0062-model-key': modelKey,
  '0070-machine-lease-owner': machineLeaseOwner,
  '0071-backend': backend,
  '0080-machine-place': machinePlace,
  '0081-claimed-name': claimedName,
  '0086-machine-tunnel': machineTunnel,
  '0082-machine-setup': machineSetup,
  '0090-backup': backup,
  '0095-machine-task': machineTask,
  '0096-machine-domain': machineDomain,
  '0097-machine-published': machinePublished,
  '0100-connection': connection,
  '0101-machine-renewal': machineRenewal,
  '0110-machine-ending': machineEnding,
  '0111-machine-health': machineHealth,
  '0115-pool': pool,
  '0120-ledger': ledger,
  '0121-ledger-post': ledgerPost,
  '0122-ledger-charge': ledgerCharge,
  '0123-ledger-seal': ledgerSeal,
  '0130-account-plan': accountPlan,
  '0131-stripe': stripe,
  '0132-subscription': subscription,
  '0140-webhook': webhook,
  '0141-credit': credit,
  '0150-model-credit': modelCredit,
  '0151-message-count': messageCount,
  '0154-policy-acceptance': policyAcceptance,
  '0155-top-up-settled': topUpSettled,
  '0159-model-call-outcome': modelCallOutcome,
  '0160-subscription-claim': subscriptionClaim,
  '0162-profile': profile,
  '0163-device': device,
  '0167-ssh-session': sshSession,
  '0168-ssh-question': sshQuestion,
}

/**
 * Runs what has not run yet, each in a transaction.
 * @throws what the database said of the migration that failed; those before it stay.
 */
export async function migrate<T>(db: Kysely<T>): Promise<void> {
  // Numbers are given out by ranges, so that a new one may be lower than one that ran.
  const provider = { getMigrations: async () => migrations }
  const migrator = new Migrator({ db, provider, allowUnorderedMigrations: true })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}
