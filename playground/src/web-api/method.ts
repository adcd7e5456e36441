// What a Web API method is to the dispatcher.
import type { World } from '../core/world.ts';
import type { JsonObject } from '../protocol.ts';
import type { Args } from './args.ts';

/** Calls a minute; `post`: one a second per channel with short bursts. https://docs.slack.dev/apis/web-api/rate-limits */
export type Tier = 1 | 2 | 3 | 4 | 'special' | 'post';

export type Method = {
  token: 'bot' | 'app' | 'any' | 'none';
  /** Any one of these scopes will do; empty: none needed. */
  scopes: string[];
  tier: Tier;
  run(world: World, args: Args): JsonObject;
};

export type Methods = Record<string, Method>;
