export { addRule, listRules, removeRule } from './routes.ts'
export { type Effect, effect, type Rule, rule, ruleId, ruleText } from './rule.ts'
