// A person somewhere in the world: signs up and signs the command line in. `node person.ts SERVER`: says where that is.

import { newComputer, register, signIn } from '../journey/computer.ts'

const [server = ''] = process.argv.slice(2)
const ada = { email: 'ada@example.com', password: 'correct horse battery' }
const computer = newComputer(server)
await register(server, ada)
await signIn(server, computer, ada)
console.log(JSON.stringify(computer.environment))
