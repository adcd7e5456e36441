// Tells a path that does not exist (404) from a method that it does not take (405 with Allow, RFC 9110 section 15.5.6).

import type { FastifyInstance } from 'fastify';
import { PlacetError } from '../domain/errors.ts';

/** Answers unknown paths and methods before any body is read. Must be registered before the first route. */
export function registerMethods(app: FastifyInstance): void {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ pattern: patternOf(url), methods: [method].flat() });
  });
  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return;
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods);
    if (allowed.length === 0) throw new PlacetError('not_found');
    reply.header('allow', [...new Set(allowed)].sort().join(', '));
    throw new PlacetError('method_not_allowed');
  });
}

/** `/v1/leases/:id/use` as an expression; route paths hold only letters, digits, dots, slashes, hyphens and parameters. */
function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replaceAll('.', '\\.').replace(/:[a-z_]+/g, '[^/]+')}$`);
}
