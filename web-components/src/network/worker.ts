// The entry of the worker that checks signatures.

import '@muniment/sdk/worker'
