export {
  type BillingInterval,
  billingInterval,
  type Plan,
  type PlanLimits,
  type PlanName,
  type PlanSource,
  plan,
  planLimits,
  planName,
  planNames,
  planSource,
  soldPlans,
} from './plan.ts'
export { givePlan, listPlans, showPlan } from './routes.ts'
