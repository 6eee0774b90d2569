// A person somewhere in the world: signs up and signs the command line in. `node person.ts SERVER [NAME]`: says where that is.

import { newComputer, register, signIn } from '../journey/computer.ts'

const [server = '', name = 'ada'] = process.argv.slice(2)
const person = { email: `${name}@example.com`, password: 'correct horse battery' }
const computer = newComputer(server)
const { NODE_EXTRA_CA_CERTS: trusted } = process.env
if (trusted) computer.environment.NODE_EXTRA_CA_CERTS = trusted
await register(server, person)
await signIn(server, computer, person)
console.log(JSON.stringify(computer.environment))
