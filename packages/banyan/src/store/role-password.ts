import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

/** The password of a role that Banyan creates: derived from the admin's, so that nothing needs storing and every process finds the same one. */
export function rolePassword(adminPassword: string, role: string): string {
  return createHmac('sha256', adminPassword).update(`banyan role ${role}`).digest('base64url')
}

/**
 * The form in which PostgreSQL stores a SCRAM password (RFC 5802, RFC 7677), so that the password itself appears in no statement,
 * log or plan. The salt is derived too: the same password gives the same text.
 */
export function scramVerifier(password: string, role: string): string {
  const iterations = 4096
  const salt = createHmac('sha256', password).update(`banyan salt ${role}`).digest().subarray(0, 16)
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  const storedKey = createHash('sha256').update(clientKey).digest('base64')
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`
}
