import { BanyanError } from 'banyan'
import { createTransport } from 'nodemailer'

export interface Mail {
  /** Two mails of the same id are the same mail. */
  readonly id: string
  readonly to: { readonly name: string; readonly address: string }
  readonly subject: string
  readonly text: string
  readonly date: Date
}

/** The way out. */
export interface Mailer {
  /**
   * Resolves when a mail server has taken the mail, or with its words where it never will. Throws `unavailable` where it may take it later,
   * or may have. May be repeated: the mail has the same Message-ID, by which those who got it twice show it once.
   */
  send(mail: Mail, signal: AbortSignal): Promise<{ refusal: string | null }>
}

/** Where SMTP_URL (`smtp://user:password@host:587`) is not set, nothing is sent. */
export const mailer: Mailer | undefined = process.env['SMTP_URL'] ? smtp(process.env['SMTP_URL']) : undefined

/** Sends through an SMTP server (RFC 5321). */
export function smtp(url: string, from: string = process.env['MAIL_FROM'] ?? 'orders@shop.example'): Mailer {
  const host = URL.parse(url)
  if (!host || !/^smtps?:$/.test(host.protocol)) throw new BanyanError('invalid_configuration', 'SMTP_URL is not an address such as smtp://mail.example:587')
  const [, domain] = from.split('@')
  if (!domain) throw new BanyanError('invalid_configuration', `MAIL_FROM is '${from}', which is no e-mail address`)
  // one attempt has 30 s; it should know itself what it waited for
  const waits = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 }
  const transport = createTransport({ url, ...waits, disableFileAccess: true, disableUrlAccess: true })
  return {
    async send({ id, to, subject, text, date }, signal) {
      const envelope = { from: { name: 'The shop', address: from }, to, messageId: `<${id}@${domain}>`, date }
      try {
        // RFC 3834: nobody's out-of-office answers it
        await transport.sendMail({ ...envelope, subject, text, headers: { 'Auto-Submitted': 'auto-generated' }, signal })
        return { refusal: null }
      } catch (error) {
        const refusal = refusalIn(error)
        if (refusal !== undefined) return { refusal }
        throw new BanyanError('unavailable', `${host.host} did not take mail ${id}: ${String(error)}`, { executed: 'maybe', cause: error })
      }
    },
  }
}

/** What a server said that turns down this recipient or this text for good. A refused log-in or sender is ours to mend, and the mail can wait. */
function refusalIn(error: unknown): string | undefined {
  const { permanent, command, response } = error as { permanent?: boolean; command?: string; response?: string }
  return permanent && (command === 'RCPT TO' || command === 'DATA') ? response : undefined
}
