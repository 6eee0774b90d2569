export {
  type AccountModelKey,
  type AccountVendor,
  accountModelKey,
  accountVendor,
  accountVendors,
  listAccountModelKeys,
  removeAccountModelKey,
  setAccountModelKey,
} from './model-key.ts'
