// Draws text objects: plain_text as it is, mrkdwn by its tree. Text is never set as HTML.
import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import type { JsonObject } from '../../src/protocol.ts';
import { textAt } from '../json.ts';
import { useViewer } from '../viewer.ts';
import { emojiOf, withEmoji } from './emoji.ts';
import { ChannelLink, DateWords, Link, Mention } from './mentions.tsx';
import { type Inline, type Paragraph, parseMrkdwn } from './mrkdwn.ts';

/** Longest mrkdwn text that Slack shows whole in a section without `expand`; it folds the rest behind "See more". */
const FOLD_AT = 700;

/** A text object of either kind; nothing when there is none. */
export function TextObject({ text }: { text: JsonObject | null }) {
  if (text === null) return null;
  if (textAt(text, 'type') === 'mrkdwn') {
    return <Mrkdwn source={textAt(text, 'text')} verbatim={text['verbatim'] === true} />;
  }
  return <PlainText text={text} />;
}

/** A plain_text object: no formatting, no mentions; emoji names only when the app lets them. */
export function PlainText({ text }: { text: JsonObject | null }) {
  const words = textAt(text, 'text');
  return <span class="plain">{text?.['emoji'] === false ? words : withEmoji(words)}</span>;
}

/** A text object that folds when it is long, unless the app asked to expand it. */
export function FoldingText({ text, expand }: { text: JsonObject; expand: boolean }) {
  const [open, setOpen] = useState(false);
  const source = textAt(text, 'text');
  if (expand || open || source.length <= FOLD_AT) return <TextObject text={text} />;
  return (
    <>
      <TextObject text={{ ...text, text: `${source.slice(0, FOLD_AT)}…` }} />
      <button type="button" class="link-button" onClick={() => setOpen(true)}>
        See more
      </button>
    </>
  );
}

/** Text in mrkdwn. */
export function Mrkdwn({ source, verbatim }: { source: string; verbatim: boolean }) {
  return (
    <>
      {parseMrkdwn(source, verbatim).map((paragraph, index) => (
        <ParagraphView key={index} paragraph={paragraph} />
      ))}
    </>
  );
}

function ParagraphView({ paragraph }: { paragraph: Paragraph }) {
  if (paragraph.kind === 'pre') return <pre class="pre">{paragraph.text}</pre>;
  const lines = paragraph.lines.map((line, index) => (
    <Fragment key={index}>
      {index > 0 && <br />}
      <Inlines inlines={line} />
    </Fragment>
  ));
  return paragraph.kind === 'quote' ? (
    <blockquote class="quote">{lines}</blockquote>
  ) : (
    <span class="line">{lines}</span>
  );
}

function Inlines({ inlines }: { inlines: Inline[] }) {
  return (
    <>
      {inlines.map((inline, index) => (
        <InlineView key={index} inline={inline} />
      ))}
    </>
  );
}

function InlineView({ inline }: { inline: Inline }) {
  const { state } = useViewer();
  switch (inline.kind) {
    case 'text':
      return <>{inline.text}</>;
    case 'code':
      return <code class="code">{inline.text}</code>;
    case 'bold':
      return <Inlined tag="strong" inlines={inline.children} />;
    case 'italic':
      return <Inlined tag="em" inlines={inline.children} />;
    case 'strike':
      return <Inlined tag="s" inlines={inline.children} />;
    case 'user':
      return <Mention id={inline.id} />;
    case 'channel':
      return <ChannelLink id={inline.id} label={inline.label} />;
    case 'group': {
      const group = state.user_groups.find((each) => each.id === inline.id);
      return <span class="mention">{group === undefined ? inline.label || inline.id : `@${group.handle}`}</span>;
    }
    case 'broadcast':
      return <span class="mention mention-me">@{inline.name}</span>;
    case 'date':
      return <DateWords unix={inline.unix} format={inline.format} fallback={inline.fallback} link={inline.link} />;
    case 'link':
      return <Link url={inline.url} label={inline.label} />;
    case 'emoji':
      return <>{emojiOf(inline.name) ?? `:${inline.name}:`}</>;
  }
}

function Inlined({ tag: Tag, inlines }: { tag: 'strong' | 'em' | 's'; inlines: Inline[] }) {
  return (
    <Tag>
      <Inlines inlines={inlines} />
    </Tag>
  );
}
