export {
  type Connection,
  connection,
  connectionId,
  fingerprint,
  type Probe,
  probe,
  serverAddress,
  serverUser,
} from './connection.ts'
export {
  createConnection,
  listConnections,
  probeConnection,
  removeConnection,
  rotateConnection,
  showConnection,
} from './routes.ts'
