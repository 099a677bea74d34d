import { command, contract, query } from 'banyan'
import { z } from 'zod'
import { PageRequest, pageOf } from '../values/page.ts'

const Notification = z.object({
  notificationId: z.string(),
  subject: z.string(),
  text: z.string(),
  writtenAt: z.string(),
  /** When a mail server took it; null where there is none, or no address, or not yet. */
  sentAt: z.string().nullable(),
})

/** What customers are told, by mail where there is a mail server. */
export const notifications = contract('notifications', {
  /** What the caller was told, newest first. */
  mine: query({ http: 'GET /notifications', input: PageRequest, output: pageOf(Notification) }),

  /** What everybody was told, with the address, and what became of it. */
  outbox: query({
    http: 'GET /notifications/outbox',
    input: PageRequest,
    output: pageOf(Notification.extend({ customerId: z.string(), address: z.string().nullable(), refusal: z.string().nullable() })),
  }),

  /** Hands one to the mail server, unless that was done. */
  deliver: command({ input: z.object({ notificationId: z.string() }) }),
})
