export type { Chaos } from './kernel/chaos.ts'
export type { Duration } from './kernel/duration.ts'
export type { ErrorCode, Executed, Issue } from './kernel/errors.ts'
export type { Access, AccessRequest, Asked, Hide, HideOptions, Identity, Stage } from './model/access.ts'
export type { Aggregate, AggregateOptions, AnyAggregate, Decide, Decided, DecidersOf, Deciders, Decision, PrivateEventsOf, StateOf } from './model/aggregate.ts'
export type { AccessLogForm, App, AppGateway, AppOptions, ForwardedHeader, HttpOptions, Lazy, Module, RoleTree } from './model/app.ts'
export type { ApiKeys, AuthOptions, AuthWay, Jwt, JwtOptions, KeySetQuery, Oidc, OidcOptions, Person, SessionOptions } from './model/auth.ts'
export type { BalancerName, BreakerPolicy, EdgeOptions, HedgingPolicy } from './model/edge.ts'
export type {
  ConcurrencyLimit,
  Limit,
  LimitAlgorithm,
  LimitKey,
  LimitRequest,
  Limits,
  LimitsSetting,
  Quota,
  QuotaSizes,
  RateLimit,
  RateText,
} from './model/limit.ts'
export type { Problem } from './model/problem.ts'
export type { Cache, CacheLifetimes, CacheOptions, CachePolicy, Invalidation } from './model/cache.ts'
export type { Call, CallOptions, Calls, Client, Failure, Queries, QueryCallOptions, Result, SendCommands, SendOptions, Uses } from './model/call.ts'
export type {
  Answer,
  Applied,
  AsOf,
  CommandContext,
  CommandHandler,
  Common,
  Delivery,
  ForeignTransaction,
  Handler,
  Handlers,
  Load,
  Loaded,
  Log,
  ManyContext,
  ProjectionContext,
  QueryContext,
  QueryHandler,
  ReactionContext,
  Reader,
  RunSql,
  Setup,
  Transacting,
  Tx,
} from './model/context.ts'
export type { AnyContract, CommandsOf, Contract, EventsOf, Member, Members, OperationsOf, QueriesOf, ReadOf, ServiceName } from './model/contract.ts'
export type { Declared, ErrorOf } from './model/declared-error.ts'
export type {
  AnyDomainEvent,
  AnyEvent,
  DomainData,
  DomainEvent,
  DomainEvents,
  DomainEventValue,
  DomainValue,
  Event,
  EventOptions,
  EventRef,
  EventSpec,
  EventValue,
} from './model/event.ts'
export type {
  ApplyTo,
  CommandPolicy,
  Implementation,
  ImplementOptions,
  InvalidationOf,
  Parts,
  PostgresOptions,
  ProjectionOf,
  PublishedAs,
  QueryPolicy,
  ReactionOf,
  ReactionOptions,
} from './model/implement.ts'
export type {
  AnyOperation,
  Command,
  CommandOptions,
  Consistency,
  Deprecation,
  HttpRoute,
  Kind,
  Operation,
  OperationFacts,
  Query,
  QueryOptions,
  Spec,
} from './model/operation.ts'
export type { Awaitable, Coded, Read, Reads, Schema, Schemas, Sends, Sent, Wire } from './model/schema.ts'
export type { RedisSetting } from './model/redis-setting.ts'
export type { Consul, Dns, DnsNames, RegistrySetting } from './model/registry-setting.ts'
export type { Env, Setting } from './model/setting.ts'
export type { Apply, Policy, Projection, Published, Reaction, Service, ServiceFacts, Store } from './model/service.ts'
export type { SingleOptions, Topology, TopologyOptions, UnitOptions } from './model/topology.ts'
export type { ClientOptions, HttpClient } from './network/http/typed-client.ts'
export type { FieldKeys, FieldPlace } from './security/field-encryption.ts'
export type { FieldKeySource } from './security/field-keys.ts'
export type { TlsOptions } from './security/tls.ts'
export type { Running, StartOptions, TokenOptions } from './runtime/start.ts'
