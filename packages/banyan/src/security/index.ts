/** What services that keep people's log-ins themselves are built of: `banyan/security`. */
export { recoveryCodes } from './recovery-codes.ts'
export type { RecoveryCodes } from './recovery-codes.ts'
export { totp } from './totp.ts'
export type { TotpCheck } from './totp.ts'
