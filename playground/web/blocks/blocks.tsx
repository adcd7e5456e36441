// Draws a list of Block Kit blocks as Slack lays them out. A kind it does not know is named, not hidden.
import type { JsonObject } from '../../src/protocol.ts';
import { listAt, objectAt, stringsAt, textAt, wordsAt } from '../json.ts';
import { Element } from './element.tsx';
import { InputBlock } from './input.tsx';
import { RichText } from './rich-text.tsx';
import { FoldingText, Mrkdwn, PlainText, TextObject } from './text.tsx';

/** All blocks of a message or view. */
export function Blocks({ blocks }: { blocks: JsonObject[] }) {
  return (
    <div class="blocks">
      {blocks.map((block, index) => (
        <Block key={textAt(block, 'block_id') || index} block={block} />
      ))}
    </div>
  );
}

function Block({ block }: { block: JsonObject }) {
  switch (textAt(block, 'type')) {
    case 'section':
      return <Section block={block} />;
    case 'header':
      return (
        <h3 class="block block-header">
          <PlainText text={objectAt(block, 'text')} />
        </h3>
      );
    case 'context':
      return <Context block={block} />;
    case 'actions':
      return <Actions block={block} />;
    case 'divider':
      return <hr class="block-divider" />;
    case 'rich_text':
      return <RichText block={block} />;
    case 'input':
      return <InputBlock block={block} />;
    case 'markdown':
      return (
        <div class="block">
          <Mrkdwn source={textAt(block, 'text')} verbatim={false} />
        </div>
      );
    case 'image':
      return <Picture block={block} />;
    default:
      return <p class="block block-unknown">This page cannot draw a block of type “{textAt(block, 'type')}”.</p>;
  }
}

function Section({ block }: { block: JsonObject }) {
  const text = objectAt(block, 'text');
  const fields = listAt(block, 'fields');
  const accessory = objectAt(block, 'accessory');
  return (
    <div class="block block-section">
      <div class="section-main">
        {text !== null && (
          <div class="section-text">
            <FoldingText text={text} expand={block['expand'] === true} />
          </div>
        )}
        {fields.length > 0 && (
          <div class="fields">
            {fields.map((field, index) => (
              <div class="field" key={index}>
                <TextObject text={field} />
              </div>
            ))}
          </div>
        )}
      </div>
      {accessory !== null && (
        <div class="section-accessory">
          <Element blockId={textAt(block, 'block_id')} element={accessory} label={wordsAt(block, 'text')} />
        </div>
      )}
    </div>
  );
}

function Context({ block }: { block: JsonObject }) {
  return (
    <div class="block block-context">
      {listAt(block, 'elements').map((element, index) => (
        <span class="context-item" key={index}>
          {textAt(element, 'type') === 'image' ? <Picture block={element} /> : <TextObject text={element} />}
        </span>
      ))}
    </div>
  );
}

function Actions({ block }: { block: JsonObject }) {
  return (
    <div class="block block-actions">
      {listAt(block, 'elements').map((element) => (
        <Element key={textAt(element, 'action_id')} blockId={textAt(block, 'block_id')} element={element} label="" />
      ))}
    </div>
  );
}

/** Pictures from outside are not loaded: the page fetches nothing from anywhere else. */
function Picture({ block }: { block: JsonObject }) {
  return (
    <span class="picture" title={textAt(block, 'image_url') || stringsAt(block, 'slack_file').join('')}>
      🖼 {textAt(block, 'alt_text')}
    </span>
  );
}
