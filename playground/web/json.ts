// Reads the app's JSON (blocks, texts, elements) without trusting its shape. It must not draw anything.
import type { Json, JsonObject } from '../src/protocol.ts';

/** The object under `key`, or null. */
export function objectAt(from: JsonObject | null | undefined, key: string): JsonObject | null {
  return asObject(from?.[key]);
}

/** The text under `key`, or an empty string. */
export function textAt(from: JsonObject | null | undefined, key: string): string {
  const value = from?.[key];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** The number under `key`, or the fallback. */
export function numberAt(from: JsonObject | null | undefined, key: string, fallback: number): number {
  const value = from?.[key];
  return typeof value === 'number' ? value : fallback;
}

/** The objects in the list under `key`; whatever else stands there is left out. */
export function listAt(from: JsonObject | null | undefined, key: string): JsonObject[] {
  const value = from?.[key];
  return Array.isArray(value) ? value.map(asObject).filter((item) => item !== null) : [];
}

/** The strings in the list under `key`. */
export function stringsAt(from: JsonObject | null | undefined, key: string): string[] {
  const value = from?.[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The words of a text object under `key`. */
export function wordsAt(from: JsonObject | null | undefined, key: string): string {
  return textAt(objectAt(from, key), 'text');
}

function asObject(value: Json | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
}
