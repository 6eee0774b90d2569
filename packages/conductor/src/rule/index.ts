export { ruleRoutes } from './route.ts'
export { type RuleStore, ruleStore } from './store.ts'
