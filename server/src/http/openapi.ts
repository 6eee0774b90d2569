import { openapi } from '@spoq/contracts/openapi'
import { backendRoutes as routes } from './routes.ts'

/** The OpenAPI document of a backend at this address. */
export const backendDocument = (url: string) =>
  openapi({ title: 'Spoq', description: 'Accounts, logins and machines.', url, routes })
