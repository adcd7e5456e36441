// Draws rich_text blocks. Their text is literal: no mrkdwn is read in it.
import type { ComponentChildren } from 'preact';
import type { JsonObject } from '../../src/protocol.ts';
import { listAt, numberAt, objectAt, textAt } from '../json.ts';
import { useViewer } from '../viewer.ts';
import { emojiOf } from './emoji.ts';
import { ChannelLink, DateWords, Link, Mention } from './mentions.tsx';

/** A rich_text block. */
export function RichText({ block }: { block: JsonObject }) {
  return (
    <div class="rich">
      {listAt(block, 'elements').map((part, index) => (
        <Part key={index} part={part} />
      ))}
    </div>
  );
}

function Part({ part }: { part: JsonObject }) {
  const elements = <Elements of={part} />;
  switch (textAt(part, 'type')) {
    case 'rich_text_preformatted':
      return <pre class="pre">{elements}</pre>;
    case 'rich_text_quote':
      return <blockquote class="quote">{elements}</blockquote>;
    case 'rich_text_list':
      return <List part={part} />;
    default:
      return <div class="line">{elements}</div>;
  }
}

function List({ part }: { part: JsonObject }) {
  const items = listAt(part, 'elements').map((item, index) => (
    <li key={index}>
      <Elements of={item} />
    </li>
  ));
  const style = { marginInlineStart: `${numberAt(part, 'indent', 0) * 24}px` };
  if (textAt(part, 'style') !== 'ordered') return <ul style={style}>{items}</ul>;
  return (
    <ol style={style} start={numberAt(part, 'offset', 0) + 1}>
      {items}
    </ol>
  );
}

function Elements({ of }: { of: JsonObject }) {
  return (
    <>
      {listAt(of, 'elements').map((element, index) => (
        <Element key={index} element={element} />
      ))}
    </>
  );
}

function Element({ element }: { element: JsonObject }) {
  const { state } = useViewer();
  switch (textAt(element, 'type')) {
    case 'text':
      return <Styled element={element} />;
    case 'link':
      return <Link url={textAt(element, 'url')} label={textAt(element, 'text') || textAt(element, 'url')} />;
    case 'user':
      return <Mention id={textAt(element, 'user_id')} />;
    case 'channel':
      return <ChannelLink id={textAt(element, 'channel_id')} label="" />;
    case 'usergroup': {
      const id = textAt(element, 'usergroup_id');
      return <span class="mention">@{state.user_groups.find((group) => group.id === id)?.handle ?? id}</span>;
    }
    case 'broadcast':
      return <span class="mention mention-me">@{textAt(element, 'range')}</span>;
    case 'emoji':
      return <>{emojiOf(textAt(element, 'name')) ?? `:${textAt(element, 'name')}:`}</>;
    case 'date': {
      const fallback = textAt(element, 'fallback');
      const unix = numberAt(element, 'timestamp', 0);
      return (
        <DateWords unix={unix} format={textAt(element, 'format')} fallback={fallback} link={textAt(element, 'url')} />
      );
    }
    default:
      return null;
  }
}

function Styled({ element }: { element: JsonObject }) {
  const style = objectAt(element, 'style');
  const words = textAt(element, 'text');
  const on = (name: string) => style?.[name] === true;
  let out: ComponentChildren = on('code') ? <code class="code">{words}</code> : words;
  if (on('bold')) out = <strong>{out}</strong>;
  if (on('italic')) out = <em>{out}</em>;
  if (on('strike')) out = <s>{out}</s>;
  return <>{out}</>;
}
