/**
 * The errors of the Cases API, with the HTTP status of the service model. `x-amzn-errortype` carries `type`. Source:
 * error schemas of client-connectcases 3.1138.0.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly type: string,
    readonly status: number,
    message: string,
    /** Further members of the answer's body. */
    readonly members: Readonly<Record<string, string>> = {},
    /** Sent as `Retry-After` if present. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }
}

/** 400: the input breaks a limit or a rule of the API. */
export function validationError(message: string): ApiError {
  return new ApiError('ValidationException', 400, message);
}

/** 404: no such domain, case, field, template or related item. */
export function notFound(resourceType: string, resourceId: string): ApiError {
  return new ApiError('ResourceNotFoundException', 404, `${resourceType} not found: ${resourceId}`, {
    resourceId,
    resourceType,
  });
}

/** 409: a name or a client token is taken. */
export function conflict(message: string): ApiError {
  return new ApiError('ConflictException', 409, message);
}

/** 429: above the rate of the operation. */
export function throttled(operation: string): ApiError {
  return new ApiError('ThrottlingException', 429, `Rate exceeded: ${operation}`);
}

/** 404 for a path that the API does not have, or that is not served here. */
export function unknownOperation(method: string, path: string): ApiError {
  return new ApiError('UnknownOperationException', 404, `No operation of this service is ${method} ${path}`);
}

/** 500: the service itself failed. */
export function internalError(message: string): ApiError {
  return new ApiError('InternalServerException', 500, message);
}
