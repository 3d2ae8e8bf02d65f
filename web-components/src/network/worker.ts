// The entry of the worker that checks signatures.

import { serveCrypto } from '@muniment/sdk/worker'

serveCrypto()
