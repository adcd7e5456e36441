// For the tests, which share the example's model.
export type WantedCall = { readonly name: string; readonly input: { readonly [name: string]: unknown } };
export function startModel(
  wanted: readonly WantedCall[],
): Promise<{ readonly url: string; readonly close: () => unknown }>;
