import * as z from 'zod/mini'
import { nothing, route } from '../http/index.ts'
import { newProfile, profile, profileChange, profileId } from './profile.ts'

const one = z.object({ profile: profileId })

export const listProfiles = route({
  method: 'get',
  path: '/api/profiles',
  summary: "Lists the profiles of the account's machines.",
  caller: 'account',
  scope: 'account:read',
  status: 200,
  answer: z.object({ profiles: z.array(profile) }),
  errors: [],
})

export const addProfile = route({
  method: 'post',
  path: '/api/profiles',
  summary: 'Adds a profile to a machine. Its devices are added by themselves.',
  caller: 'account',
  scope: 'security:write',
  body: newProfile,
  status: 201,
  answer: profile,
  errors: ['machine_not_found', 'machine_state', 'profile_taken', 'plan_limit'],
})

export const setProfile = route({
  method: 'post',
  path: '/api/profiles/{profile}',
  summary: 'Says what those who come in by a profile may do. What is left out stays.',
  caller: 'account',
  scope: 'security:write',
  params: one,
  body: profileChange,
  status: 200,
  answer: profile,
  errors: ['profile_not_found'],
})

export const removeProfile = route({
  method: 'delete',
  path: '/api/profiles/{profile}',
  summary: 'Removes a profile and revokes its devices. The default one stays.',
  caller: 'account',
  scope: 'security:write',
  params: one,
  status: 204,
  answer: nothing,
  errors: ['profile_not_found', 'profile_default'],
})
