// What a machine is to know of who may use it, and which keys for models its account has, as the rows say now.

import { createHash } from 'node:crypto'
import type { AccessSnapshot, PushedProfile } from '@spoq/contracts/access'
import type { TunnelOffer } from '@spoq/contracts/gateway'
import { loginId } from '@spoq/contracts/login'
import type { MessageLimits } from '@spoq/contracts/message'
import type { MachineRow } from '../db/tables.ts'
import type { AccountKeys, KeyVersions } from '../model-key/pushed.ts'

/** A snapshot before it has its number; for the keys for models stand their versions. */
export type AccessContent = Omit<AccessSnapshot, 'number' | 'modelKeys'> & { keyVersions: KeyVersions }

/** Where machines connect to that are reached through a gateway. */
export type OffersTunnels = (rows: readonly Pick<MachineRow, 'id' | 'provider'>[]) => Promise<Map<string, TunnelOffer>>

/** What ended of an account while machine tokens that came of it may live: logins, personal access tokens, trusts. */
export type Revoked = AccessContent['revokedTokens']
export type RevokedBy = (accounts: readonly string[]) => Promise<Map<string, Revoked>>

/** How many messages machines may accept; one that is left out, any number. */
export type LimitsMessages = (
  rows: readonly Pick<MachineRow, 'id' | 'account_id' | 'provider' | 'template'>[],
) => Promise<Map<string, MessageLimits>>

/** Who reads a rented box may read what is on it: the account's keys do not go there. */
export const takesKeys = ({ provider }: Pick<MachineRow, 'provider'>): boolean => provider !== 'host'

/** Who may come into these machines over SSH. */
export type ProfilesOf = (machines: readonly string[]) => Promise<Map<string, PushedProfile[]>>

export interface ContentPorts {
  revokedBy: RevokedBy
  profilesOf: ProfilesOf
  modelKeys: Pick<AccountKeys, 'versionsOf'>
  messages: LimitsMessages
  /** Missing where there is no gateway. */
  tunnels?: OffersTunnels | undefined
}

/** What each of these machines is to know. */
export async function contentsOf(
  rows: readonly Pick<MachineRow, 'id' | 'account_id' | 'provider' | 'template'>[],
  { revokedBy, profilesOf, modelKeys, messages, tunnels }: ContentPorts,
): Promise<Map<string, AccessContent>> {
  const accounts = [...new Set(rows.map(row => row.account_id))].filter(account => account !== null)
  const [revoked, profiles, versions, limits, offers = new Map<string, TunnelOffer>()] = await Promise.all([
    revokedBy(accounts),
    profilesOf(rows.map(({ id }) => id)),
    modelKeys.versionsOf(accounts),
    messages(rows),
    tunnels?.(rows),
  ])
  return new Map(
    rows.map(row => [
      row.id,
      {
        ...(offers.has(row.id) ? { tunnel: offers.get(row.id) } : {}),
        ...(limits.has(row.id) ? { messages: limits.get(row.id) } : {}),
        members: row.account_id === null ? [] : [row.account_id],
        profiles: profiles.get(row.id) ?? [],
        ...byKind(revoked.get(row.account_id ?? '') ?? []),
        keyVersions: takesKeys(row) ? (versions.get(row.account_id ?? '') ?? []) : [],
      },
    ]),
  )
}

/** Logins stand by themselves: a Conductor from before there was more refuses a list with anything else in it. */
function byKind(all: Revoked): Pick<AccessContent, 'revoked' | 'revokedTokens'> {
  const isLogin = ({ credential }: Revoked[number]) => loginId.safeParse(credential).success
  return {
    revoked: all.filter(isLogin).map(({ credential, until }) => ({ login: credential, until })),
    revokedTokens: all.filter(one => !isLogin(one)),
  }
}

/** Two contents have the same exactly when nothing differs, in whatever order the rows came. */
export function hashOf(content: AccessContent): string {
  const { members, profiles, revoked, revokedTokens, keyVersions, tunnel, messages } = content
  const parts = [
    [...members].sort(),
    revoked.map(({ login, until }) => `${login} ${until}`).sort(),
    revokedTokens.map(({ credential, until }) => `${credential} ${until}`).sort(),
    [...keyVersions].sort(),
    ...(tunnel ? [[tunnel.url, tunnel.token, ...(tunnel.others ?? [])]] : []),
    ...(profiles?.length ? [{ profiles }] : []),
    ...(messages ? [limitsHashed(messages)] : []),
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}

/** Without what the machine told itself: it is not told anew for each message. */
function limitsHashed({ plan, month, all, onCredit }: MessageLimits): unknown {
  const told = (limit: MessageLimits['all']) => limit && [limit.most, limit.elsewhere, limit.next]
  return ['messages', plan, month, told(all), told(onCredit)]
}
