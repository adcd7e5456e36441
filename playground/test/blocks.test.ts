// The Block Kit checks, by the codes and pointers that an app gets.
import { describe, expect, test } from '@jest/globals';
import { contentLength, findMessageFault } from '../src/blocks/message.ts';
import { findViewFault } from '../src/blocks/view.ts';
import type { Json } from '../src/protocol.ts';
import { open } from './support.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const button = (more: object = {}) => ({ type: 'button', text: plain('Go'), action_id: 'go', ...more });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const options = (count: number) => Array.from({ length: count }, (_, n) => ({ text: plain(`o${n}`), value: `v${n}` }));
const preformatted = (text: string) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }],
});
const long = (length: number) => 'x'.repeat(length);

/** What is wrong, the block, and a part of what Slack says. */
const REFUSED: [string, object, string][] = [
  ['an unknown block type', { type: 'sektion' }, 'unsupported type: sektion [json-pointer:/blocks/0/type]'],
  ['a type that names an object property', { type: 'constructor' }, 'unsupported type: constructor'],
  ['a block without a type', { text: plain('x') }, 'missing required field: type [json-pointer:/blocks/0]'],
  ['a section without content', { type: 'section' }, 'missing required field: text or fields'],
  ['an unknown property', { type: 'divider', colour: 'red' }, 'invalid additional property: colour'],
  [
    'a section text over 3,000',
    { type: 'section', text: mrkdwn(long(3001)) },
    'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
  ],
  ['an escaped text over 3,000', { type: 'section', text: plain('&'.repeat(601)) }, 'must be less than 3001'],
  ['a field over 2,000', { type: 'section', fields: [mrkdwn(long(2001))] }, '/blocks/0/fields/0/text'],
  ['eleven fields', { type: 'section', fields: Array(11).fill(mrkdwn('x')) }, 'no more than 10 items allowed'],
  ['an empty text', { type: 'section', text: plain('') }, 'must be more than 0 characters'],
  ['a header in mrkdwn', { type: 'header', text: mrkdwn('x') }, 'unsupported type: mrkdwn'],
  ['a header over 150', { type: 'header', text: plain(long(151)) }, 'must be less than 151'],
  ['eleven context elements', { type: 'context', elements: Array(11).fill(mrkdwn('x')) }, 'no more than 10'],
  ['26 buttons', actions(...Array.from({ length: 26 }, (_, n) => button({ action_id: `a${n}` }))), 'no more than 25'],
  ['a button text over 75', actions(button({ text: plain(long(76)) })), 'must be less than 76'],
  ['a button value over 2,000', actions(button({ value: long(2001) })), '/elements/0/value'],
  ['a button url over 3,000', actions(button({ url: long(3001) })), '/elements/0/url'],
  ['a label for screen readers over 75', actions(button({ accessibility_label: long(76) })), 'accessibility_label'],
  ['an unknown style', actions(button({ style: 'green' })), 'must be a valid enum value'],
  ['an action_id over 255', actions(button({ action_id: long(256) })), 'must be less than 256'],
  ['an action_id used twice', actions(button(), button()), 'action_id already exists: go'],
  ['a confirm without its texts', actions(button({ confirm: { title: plain('x') } })), 'missing required field: text'],
  [
    'a confirm text over 300',
    actions(button({ confirm: { title: plain('x'), text: mrkdwn(long(301)), confirm: plain('y'), deny: plain('n') } })),
    'must be less than 301',
  ],
  ['101 options', actions({ type: 'static_select', action_id: 's', options: options(101) }), 'no more than 100'],
  ['eleven checkboxes', actions({ type: 'checkboxes', action_id: 'c', options: options(11) }), 'no more than 10'],
  [
    'a choice that is not offered',
    actions({
      type: 'static_select',
      action_id: 's',
      options: options(2),
      initial_option: { text: plain('z'), value: 'z' },
    }),
    'initial_option must be among options',
  ],
  [
    'an input without a label',
    { type: 'input', element: { type: 'plain_text_input', action_id: 't' } },
    'missing required field: label',
  ],
  [
    'an unknown rich text element',
    { type: 'rich_text', elements: [{ type: 'rich_text_table', elements: [] }] },
    'unsupported type: rich_text_table',
  ],
  [
    'an unknown inline element',
    { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'mrkdwn', text: 'x' }] }] },
    'unsupported type: mrkdwn',
  ],
  ['an empty rich text piece', preformatted(''), 'must be more than 0 characters'],
  [
    'a list that holds text directly',
    {
      type: 'rich_text',
      elements: [{ type: 'rich_text_list', style: 'bullet', elements: [{ type: 'text', text: 'x' }] }],
    },
    'unsupported type: text',
  ],
  ['markdown over 12,000', { type: 'markdown', text: long(12_001) }, 'must be less than 12001'],
  [
    'a table of 101 rows',
    { type: 'table', rows: Array(101).fill([{ type: 'raw_text', text: 'x' }]) },
    'no more than 100',
  ],
  [
    'a container of eleven',
    { type: 'container', title: plain('x'), child_blocks: Array(11).fill({ type: 'divider' }) },
    'no more than 10',
  ],
  [
    'a collapsed container that can not open',
    { type: 'container', title: plain('x'), child_blocks: [], default_collapsed: true },
    'default_collapsed requires is_collapsible',
  ],
];

describe('message blocks', () => {
  test.each(REFUSED)('%s is refused as invalid_blocks with its place', (_what, block, message) => {
    const fault = findMessageFault([block as Json]);
    expect(fault?.code).toBe('invalid_blocks');
    expect(fault?.messages.join('\n')).toContain(message);
  });

  test('everything that a card uses passes at its limits', () => {
    const card = [
      { type: 'header', text: plain(long(150)) },
      { type: 'section', text: mrkdwn(long(3000)), expand: true, accessory: button() },
      { type: 'section', fields: Array(10).fill(mrkdwn('x')) },
      { type: 'context', elements: Array(10).fill({ ...plain('x'), emoji: false }) },
      preformatted('{"amount": 120}'),
      {
        type: 'rich_text',
        elements: [
          { type: 'rich_text_quote', elements: [{ type: 'date', timestamp: 1, format: '{date}', fallback: 'x' }] },
        ],
      },
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_list',
            style: 'ordered',
            elements: [{ type: 'rich_text_section', elements: [{ type: 'user', user_id: 'U1' }] }],
          },
        ],
      },
      { type: 'alert', text: plain('x'), level: 'warning' },
      {
        type: 'container',
        title: plain('x'),
        is_collapsible: true,
        default_collapsed: true,
        child_blocks: [{ type: 'divider' }],
      },
      actions(button({ value: long(2000), style: 'danger', accessibility_label: 'Deny refund A1' })),
      { type: 'divider' },
    ];
    expect(findMessageFault(card as Json)).toBeNull();
  });

  test('fifty blocks pass, one more does not, and a block_id may stand once', () => {
    const dividers = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ type: 'divider', block_id: `b${n}` }));
    expect(findMessageFault(dividers(50))).toBeNull();
    expect(findMessageFault(dividers(51))?.messages[0]).toContain('no more than 50 items allowed');
    const twice = findMessageFault([...dividers(2), ...dividers(1)]);
    expect(twice?.messages[0]).toContain('block_id already exists: b0');
  });

  test('all blocks together may hold 13,200 characters, counted as code points after escaping', () => {
    const exact = [preformatted(long(13_200))] as Json;
    expect(contentLength(exact)).toBe(13_200);
    expect(findMessageFault(exact)).toBeNull();
    expect(findMessageFault([preformatted(long(13_201))])).toEqual({ code: 'msg_blocks_too_long', messages: [] });
    expect(contentLength([preformatted('&')])).toBe(5);
    expect(contentLength([preformatted('\u{1F600}')])).toBe(1);
    expect(findMessageFault([preformatted('<'.repeat(3301))])?.code).toBe('msg_blocks_too_long');
  });

  test('the app gets the code and the explaining messages over the API', async () => {
    const { web } = await open();
    const wrong = web.apiCall('chat.postMessage', { channel: 'C0PAYMENTS', text: 'x', blocks: [{ type: 'sektion' }] });
    const error = await wrong.catch((caught) => caught);
    expect(error.data).toMatchObject({
      error: 'invalid_blocks',
      errors: ['unsupported type: sektion [json-pointer:/blocks/0/type]'],
      response_metadata: { messages: ['[ERROR] unsupported type: sektion [json-pointer:/blocks/0/type]'] },
    });
  });
});

describe('views', () => {
  const modal = (more: object = {}) => ({
    type: 'modal',
    title: plain('Deny'),
    blocks: [{ type: 'divider' }],
    ...more,
  });
  const input = { type: 'input', label: plain('Why'), element: { type: 'plain_text_input' } };
  const REFUSED_VIEWS: [string, object, string][] = [
    [
      'a title over 24',
      modal({ title: plain(long(25)) }),
      'must be less than 25 characters [json-pointer:/view/title/text]',
    ],
    ['a modal without a title', { type: 'modal', blocks: [] }, 'missing required field: title'],
    ['a submit text over 24', modal({ submit: plain(long(25)) }), '/view/submit'],
    ['private_metadata over 3,000', modal({ private_metadata: long(3001) }), 'must be less than 3001'],
    ['a callback_id over 255', modal({ callback_id: long(256) }), '/view/callback_id'],
    ['101 blocks', modal({ blocks: Array(101).fill({ type: 'divider' }) }), 'no more than 100 items allowed'],
    ['inputs without a submit', modal({ blocks: [input] }), 'missing required field: submit'],
    ['an unknown property', modal({ colour: 'red' }), 'invalid additional property: colour'],
    ['a block for messages only', modal({ blocks: [{ type: 'markdown', text: 'x' }] }), 'unsupported type: markdown'],
    [
      'min_length over max_length',
      modal({
        submit: plain('x'),
        blocks: [{ ...input, element: { ...input.element, min_length: 5, max_length: 3 } }],
      }),
      'min_length',
    ],
    [
      'max_length over 3,000',
      modal({ submit: plain('x'), blocks: [{ ...input, element: { ...input.element, max_length: 3001 } }] }),
      'must be between 1 and 3000',
    ],
  ];

  test.each(REFUSED_VIEWS)('%s is refused as invalid_arguments with its place', (_what, view, message) => {
    const fault = findViewFault(view as Json, 'modal');
    expect(fault?.code).toBe('invalid_arguments');
    expect(fault?.messages.join('\n')).toContain(message);
  });

  test('a view over 250 kB is view_too_large, and Home takes no title', () => {
    const heavy = modal({ blocks: Array.from({ length: 90 }, () => ({ type: 'section', text: mrkdwn(long(2900)) })) });
    expect(findViewFault(heavy as Json, 'modal')).toEqual({ code: 'view_too_large', messages: [] });
    expect(findViewFault({ type: 'home', blocks: [], title: plain('x') }, 'home')?.messages[0]).toContain('title');
    expect(findViewFault({ type: 'modal', blocks: [] }, 'home')?.messages[0]).toContain('unsupported type: modal');
    expect(findViewFault({ type: 'home', blocks: Array(100).fill({ type: 'divider' }) }, 'home')).toBeNull();
  });
});
