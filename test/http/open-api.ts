// The OpenAPI description as an API serves it to anyone, as far as tests read it.

export type Schema = { readonly [keyword: string]: unknown };
export type Answer = { readonly description: string; readonly content: Record<string, { readonly schema: Schema }> };
export type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly responses: Record<string, Answer>;
  readonly parameters?: readonly { readonly name: string; readonly schema: Schema }[];
  readonly requestBody?: {
    readonly content: Record<
      string,
      {
        readonly schema: Schema;
        readonly example?: unknown;
        readonly examples?: Record<string, { readonly value: unknown }>;
      }
    >;
  };
};
export type OpenApi = {
  readonly openapi: string;
  readonly servers: readonly object[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Schema>; readonly securitySchemes: object };
};
export type Route = { readonly method: string; readonly path: string; readonly operation: Operation };

/** The description that is served at this address. */
export async function openApiAt(url: string): Promise<OpenApi> {
  return (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
}

/** Every route of it. */
export function routesOf({ paths }: OpenApi): Route[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}
