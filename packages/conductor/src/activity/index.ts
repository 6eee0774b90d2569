export { type Activity, openActivity } from './activity.ts'
export { activityRoutes } from './route.ts'
