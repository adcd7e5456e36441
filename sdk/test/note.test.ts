// Signed notes and checkpoints: those of the specification and ours are taken, and nothing that only looks like them.

import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  formatCheckpoint,
  formatLogKey,
  formatNote,
  logKey,
  openCheckpoint,
  openNote,
  parseLogKey,
} from '../src/note.ts';
import { NOT_CANONICAL, NOT_ON_CURVE, SMALL_ORDER } from './key-points.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
const key = logKey('placet.example/default', raw);
const root = Buffer.alloc(32, 7);
const signed = (text: string, by = key) => formatNote(text, by, sign(null, Buffer.from(text, 'utf8'), privateKey));
const text = formatCheckpoint({ origin: key.name, size: 12, root });
const note = signed(text);

test('a checkpoint is read as it was signed, under its key as it is printed', () => {
  expect(openCheckpoint(note, parseLogKey(formatLogKey(key)))).toEqual({ origin: key.name, size: 12, root });
});

test('signatures of others are passed over, also under the same name or the same id, up to sixteen of them', () => {
  const stranger = formatNote('', { ...key, id: Buffer.from('00000000', 'hex') }, Buffer.alloc(64)).slice(1);
  const namesake = formatNote('', { ...key, name: 'other.example' }, Buffer.alloc(64)).slice(1);
  expect(openNote(`${note}${stranger}${namesake}`, key)).toBe(text);
  expect(openNote(`${note}${stranger.repeat(15)}`, key)).toBe(text);
  expect(() => openNote(`${note}${stranger.repeat(16)}`, key)).toThrow('This is not a signed note');
});

const altered = (change: (note: string) => string) => () => openCheckpoint(change(note), key);
const resigned = (change: string) => () => openCheckpoint(signed(change), key);

describe('a note that only looks like one is refused', () => {
  test.each([
    ['a text that was altered', altered((it) => it.replace('\n12\n', '\n13\n')), 'signature_invalid'],
    [
      'a known key with a wrong signature beside the right one',
      altered((it) => it + formatNote('', key, Buffer.alloc(64)).slice(1)),
      'signature_invalid',
    ],
    ['no signature', altered(() => `${text}\n`), 'note_invalid'],
    ['no empty line', altered((it) => it.replace('\n\n', '\n')), 'note_invalid'],
    ['no end of the last line', altered((it) => it.slice(0, -1)), 'note_invalid'],
    ['ends of lines as of Windows', altered((it) => it.replaceAll('\n', '\r\n')), 'note_invalid'],
    ['a tab', altered((it) => it.replace('12', '12\t')), 'note_invalid'],
    ['a dash that is no em dash', altered((it) => it.replace('—', '-')), 'note_invalid'],
    ['a signature that is no base64', altered((it) => it.replace(/ (\S+)\n$/, ' *$1\n')), 'note_invalid'],
    ['another key only', () => openCheckpoint(note, logKey('other.example', raw)), 'signature_missing'],
    [
      'an origin of another log',
      resigned(formatCheckpoint({ origin: 'other.example', size: 12, root })),
      'origin_mismatch',
    ],
    ['a size with a zero before it', resigned(`${key.name}\n012\n${root.toString('base64')}\n`), 'checkpoint_invalid'],
    ['a size below nothing', resigned(`${key.name}\n-1\n${root.toString('base64')}\n`), 'checkpoint_invalid'],
    [
      'a size beyond what is exact',
      resigned(`${key.name}\n9999999999999999\n${root.toString('base64')}\n`),
      'checkpoint_invalid',
    ],
    ['a short root', resigned(`${key.name}\n12\n${root.subarray(1).toString('base64')}\n`), 'checkpoint_invalid'],
    [
      'a root in the other base64',
      resigned(`${key.name}\n12\n${Buffer.alloc(32, 255).toString('base64url')}\n`),
      'checkpoint_invalid',
    ],
    ['an extension line', resigned(`${text}more\n`), 'checkpoint_invalid'],
  ])('%s', (_, open, code) => {
    expect(open).toThrow(expect.objectContaining({ code }));
  });

  test.each([...SMALL_ORDER, ...NOT_CANONICAL.slice(0, 4), ...NOT_ON_CURVE])(
    'a key under which any note is signed is no key of a log: %s',
    (_name, hex) => {
      expect(() => logKey(key.name, Buffer.from(hex, 'hex'))).toThrow(expect.objectContaining({ code: 'key_invalid' }));
    },
  );

  test('a key whose id is not its own, or that is of another kind, is no key', () => {
    const [name, id, rest] = formatLogKey(key).split('+') as [string, string, string];
    for (const wrong of [`${name}+00000000+${rest}`, `${name}+${id}`, `${name}+${id}+AAAA`, '', `a b+${id}+${rest}`])
      expect(() => parseLogKey(wrong)).toThrow(expect.objectContaining({ code: 'key_invalid' }));
  });
});
