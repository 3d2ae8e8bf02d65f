import { fixture } from './fixture.js'
import { verify } from './verify.js'

console.log(JSON.stringify(await verify(fixture)))
