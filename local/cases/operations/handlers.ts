import type { OperationName } from '../model/operation-names';
import type { World } from '../model/world';
import type { Requests } from '../requests';

/** Answers a request that fits its schema; the answer is what travels as JSON. Throws ApiError. */
type Handler<O extends OperationName> = (world: World, input: Requests[O]) => object;

export type Handlers<O extends OperationName> = { readonly [K in O]: Handler<K> };
