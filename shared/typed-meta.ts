import type { TRPCClient } from '@trpc/client'
import type {
  TRPCBuiltRouter,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
  TRPCRouterRecord,
  TRPCSubscriptionProcedure,
  TrackedEnvelope,
} from '@trpc/server'
import type { AppRouter } from '../server/app-router.ts'
import type { Meta } from './json.ts'
import type { Message } from './message.ts'

/*
 * The host application's frontend knows the type of its `messageMeta`; the router does not. These types replace the router's
 * `Meta` with it, in every message of an input or output, at any depth.
 */

type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/**
 * An output, or a part of one, whose messages have `M` as their `meta`. Other JSON, whose depth is unbounded, stays unchanged.
 */
export type WithMeta<T, M extends object> = T extends Message
  ? Message<M>
  : T extends Date
    ? T
    : Meta extends T
      ? T
      : T extends TrackedEnvelope<infer D>
        ? TrackedEnvelope<WithMeta<D, M>>
        : T extends AsyncIterable<infer Y, infer R, infer N>
          ? AsyncIterable<WithMeta<Y, M>, R, N>
          : T extends object
            ? { [K in keyof T]: WithMeta<T[K], M> }
            : T

/** The input of a send with `M` as its `meta`. It may be left out if the schema allows `{}`, which the server then checks. */
type SendWithMeta<T, M extends object> = T extends { content: string; clientId: string; meta?: Meta | undefined }
  ? Omit<T, 'meta'> & ({} extends M ? { meta?: M | undefined } : { meta: M })
  : T

interface Definition {
  meta: unknown
  input: unknown
  output: unknown
  errorShape?: unknown
}

interface DefinitionWithMeta<D extends Definition, M extends object> extends Definition {
  meta: D['meta']
  input: SendWithMeta<D['input'], M>
  output: WithMeta<D['output'], M>
  errorShape: D['errorShape']
}

type RecordWithMeta<R extends TRPCRouterRecord, M extends object> = {
  [K in keyof R]: R[K] extends TRPCQueryProcedure<infer D>
    ? TRPCQueryProcedure<DefinitionWithMeta<D, M>>
    : R[K] extends TRPCMutationProcedure<infer D>
      ? TRPCMutationProcedure<DefinitionWithMeta<D, M>>
      : R[K] extends TRPCSubscriptionProcedure<infer D>
        ? TRPCSubscriptionProcedure<DefinitionWithMeta<D, M>>
        : R[K] extends TRPCRouterRecord
          ? RecordWithMeta<R[K], M>
          : never
}

type RetypedRouter<M extends object> = TRPCBuiltRouter<
  AppRouter['_def']['_config']['$types'],
  RecordWithMeta<AppRouter['_def']['record'], M>
>

/** The router's client with `M` as the `meta` of messages. */
export type ClientWithMeta<M extends object> =
  IsSame<M, Meta> extends true ? TRPCClient<AppRouter> : TRPCClient<RetypedRouter<M>>
