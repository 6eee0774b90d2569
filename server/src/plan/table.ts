// The plans: what each costs and allows. Everything that a plan decides is read from here.

import { type Plan, type PlanName, planNames } from '@spoq/contracts/plan'

const many = { messages: null, messagesOnCredit: null } as const
const asPro = { profiles: 2, devicesPerProfile: 4, devices: 8 } as const
const alwaysOn = { idleMinutes: null } as const
const measured = 'measured'

export const plans: Readonly<Record<PlanName, Plan>> = {
  free: {
    name: 'free',
    title: 'Free',
    price: { month: 0, year: 0 },
    limits: {
      machines: 1,
      hardware: ['fleet'],
      machine: { cpus: 0.5, memoryMb: 512, diskGb: 5 },
      messages: 100,
      messagesOnCredit: 100,
      skills: 3,
      subAgents: 0,
      seats: 1,
      customDomains: false,
      backupDays: 7,
      ...{ profiles: 1, devicesPerProfile: 2, devices: 2 },
      idleMinutes: 30,
    },
    availability: measured,
  },
  basic: {
    name: 'basic',
    title: 'Basic',
    price: { month: 1_500, year: 15_000 },
    limits: {
      machines: 1,
      hardware: ['fleet', 'rented'],
      machine: { cpus: 1, memoryMb: 2_048, diskGb: 10 },
      messages: null,
      messagesOnCredit: 2_000,
      skills: 10,
      subAgents: 1,
      seats: 1,
      customDomains: false,
      backupDays: 30,
      ...{ profiles: 2, devicesPerProfile: 2, devices: 4 },
      ...alwaysOn,
    },
    availability: measured,
  },
  pro: {
    name: 'pro',
    title: 'Pro',
    price: { month: 2_900, year: null },
    limits: {
      machines: 1,
      hardware: ['fleet', 'rented'],
      machine: { cpus: 1, memoryMb: 2_048, diskGb: 10 },
      ...many,
      skills: 20,
      subAgents: 5,
      seats: 1,
      customDomains: true,
      backupDays: 30,
      ...asPro,
      ...alwaysOn,
    },
    availability: measured,
  },
  team: {
    name: 'team',
    title: 'Team',
    price: { month: 7_900, year: null },
    limits: {
      machines: 5,
      hardware: ['fleet', 'rented'],
      machine: { cpus: 2, memoryMb: 4_096, diskGb: 50 },
      ...many,
      skills: null,
      subAgents: 20,
      seats: 5,
      customDomains: true,
      backupDays: 30,
      ...asPro,
      ...alwaysOn,
    },
    availability: '99.9 %',
  },
  enterprise: {
    name: 'enterprise',
    title: 'Enterprise',
    price: { month: null, year: null },
    limits: {
      machines: null,
      hardware: ['fleet', 'rented'],
      machine: null,
      ...many,
      skills: null,
      subAgents: null,
      seats: null,
      customDomains: true,
      backupDays: 30,
      ...{ profiles: null, devicesPerProfile: null, devices: null },
      ...alwaysOn,
    },
    availability: 'by contract',
  },
}

/** From the one that allows least to the one that allows most. */
export const allPlans: readonly Plan[] = planNames.map(name => plans[name])
