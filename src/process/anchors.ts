// The anchors that the settings name, opened.

import type { Anchor } from '../audit/anchor.ts';
import { openFileAnchor } from '../audit/anchors/file.ts';
import { openPostgresAnchor } from '../audit/anchors/postgres.ts';
import type { Config } from './config.ts';

/** In the order of the setting: the first is read back before each signature. */
export function openAnchors({ log_anchors }: Pick<Config, 'log_anchors'>): readonly Anchor[] {
  return log_anchors.map((place) => {
    const { protocol, pathname } = new URL(place);
    return protocol === 'file:' ? openFileAnchor(decodeURIComponent(pathname)) : openPostgresAnchor(place);
  });
}
