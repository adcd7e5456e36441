// The line at the top: this is pretend Slack, and what to do next.
import { MenuIcon, PlacetMark } from './icons.tsx';
import { useViewer } from './viewer.ts';
import type { NextStep } from './waiting.ts';

type Props = {
  step: NextStep;
  isConnected: boolean;
  isMenuOpen: boolean;
  onActAs: (user: string) => void;
  onMenu: () => void;
};

/** The banner. */
export function Banner({ step, isConnected, isMenuOpen, onActAs, onMenu }: Props) {
  return (
    <header class="banner" data-testid="banner">
      <button
        type="button"
        class="icon-button menu-button"
        aria-expanded={isMenuOpen}
        aria-label="Channels and people"
        onClick={onMenu}
      >
        <MenuIcon />
      </button>
      <PlacetMark size={22} />
      <h1 class="banner-name">Placet playground</h1>
      <p class="banner-note">Pretend Slack on your machine. Nothing here leaves it.</p>
      <p class="banner-step" role="status">
        {isConnected ? <Step step={step} onActAs={onActAs} /> : <span>Connection lost. Trying again…</span>}
      </p>
    </header>
  );
}

function Step({ step, onActAs }: { step: NextStep; onActAs: (user: string) => void }) {
  const { openChannel } = useViewer();
  switch (step.kind) {
    case 'no_app':
      return (
        <span>
          No app is connected: start Placet with <code>npm start</code>
        </span>
      );
    case 'no_card':
      return <span>No card waits. When an agent asks, its card appears here.</span>;
    case 'go':
      return (
        <>
          <span>{step.count === 1 ? 'A card waits' : `${step.count} cards wait`}</span>
          <button type="button" class="next" data-testid="banner-next" onClick={() => openChannel(step.channel.id)}>
            Open #{step.channel.name}
          </button>
        </>
      );
    case 'act_as':
      return (
        <>
          <span>Next, decide as an approver</span>
          <button type="button" class="next" data-testid="banner-next" onClick={() => onActAs(step.user.id)}>
            Act as {step.user.real_name}
          </button>
        </>
      );
    case 'press':
      return (
        <>
          <span>
            Next, click <strong>{step.button}</strong> on the card that waits
          </span>
          <button type="button" class="next" data-testid="banner-next" onClick={() => showCard(step.ts)}>
            Show it
          </button>
        </>
      );
  }
}

/** Puts the focus on the card's main button and scrolls there. */
function showCard(ts: string): void {
  const card = document.querySelector(`[data-testid="message"][data-ts="${CSS.escape(ts)}"]`);
  const button = card?.querySelector<HTMLElement>('.button-primary') ?? card?.querySelector<HTMLElement>('.button');
  button?.focus({ preventScroll: true });
  button?.scrollIntoView({ block: 'center' });
}
