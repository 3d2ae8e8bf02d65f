import { testCryptoCompliance } from '../../../test/compliance/crypto.ts'
import { implementations } from '../../../test/crypto-implementations.ts'

for (const { name, open } of implementations) testCryptoCompliance(name, open)
