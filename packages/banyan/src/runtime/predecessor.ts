import type { Sql } from '../store/sql.ts'

/**
 * Frees what processes that ran in the same place left behind, so that a unit which was killed and started again goes on at once instead of
 * waiting until their leases end. They are taken for dead, since this process has their address now. Where one lives after all it merely
 * claims anew: as with every lease that ends, the epoch keeps two from committing the same work.
 */
export async function succeed(sql: Sql, place: string): Promise<void> {
  await sql.query(
    `with members as (
       delete from banyan_members where starts_with(owner, $1)
     ), subscriptions as (
       update banyan_subscriptions set owner = null where starts_with(owner, $1)
     )
     update banyan_work set owner = null, leased_until = null, due_at = clock_timestamp()
     where starts_with(owner, $1) and due_at > clock_timestamp() and dead_at is null`,
    [`${place}/`],
  )
}
