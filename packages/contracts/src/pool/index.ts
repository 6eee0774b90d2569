export { drainPool, type PoolState, poolState, setPool, showPool } from './pool.ts'
