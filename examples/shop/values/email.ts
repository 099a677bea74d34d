import { z } from 'zod'

/** An e-mail address as people write it (the pattern of HTML's `input type=email`, with a dot in the domain); spaces around it are theirs. */
export const Email = z
  .string()
  .max(254)
  .regex(/^\s*[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d-]+(?:\.[a-z\d-]+)+\s*$/i, 'expected an e-mail address, as in ada@example.com')

/** The form in which two addresses are the same: strictly, case counts before the @; no provider holds to that. */
export function normalised(email: string): string {
  return email.trim().toLowerCase()
}
