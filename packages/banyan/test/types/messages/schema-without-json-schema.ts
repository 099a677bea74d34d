import { query } from 'banyan'

query({ output: { '~standard': { version: 1, vendor: 'own', validate: (value: unknown) => ({ value }) } } })
