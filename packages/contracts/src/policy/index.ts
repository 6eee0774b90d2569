export {
  type Acceptance,
  acceptance,
  type Policy,
  type PolicyName,
  policy,
  policyName,
  policyNames,
  policyVersion,
} from './policy.ts'
export { acceptPolicy, showPolicy } from './routes.ts'
