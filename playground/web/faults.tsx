// A drawer that makes the pretend Slack misbehave, to see how the app takes it.
import type { Fault } from '../src/protocol.ts';
import { setFaults, sockets } from './api.ts';
import { Pane } from './pane.tsx';
import { useAct } from './toasts.tsx';
import { useViewer } from './viewer.ts';

type Preset = { id: string; title: string; note: string; fault: Fault };

const PRESETS: Preset[] = [
  {
    id: 'down',
    title: 'Slack is down',
    note: 'Every Web API call answers 503',
    fault: { kind: 'http_error', method: '*', status: 503 },
  },
  {
    id: 'limited',
    title: 'Rate limited',
    note: 'Every call answers 429, Retry-After 5',
    fault: { kind: 'rate_limited', method: '*', retry_after: 5 },
  },
  { id: 'slow', title: 'Slow', note: 'Every call answers 4 s late', fault: { kind: 'slow', method: '*', ms: 4_000 } },
  {
    id: 'lost',
    title: 'Lost answers',
    note: 'Posting works, but its answer never comes',
    fault: { kind: 'lost_answer', method: 'chat.postMessage' },
  },
  {
    id: 'internal',
    title: 'Internal errors',
    note: 'Every call answers internal_error',
    fault: { kind: 'api_error', method: '*', error: 'internal_error' },
  },
  {
    id: 'undelivered',
    title: 'Clicks get lost',
    note: 'No click, command or modal reaches the app',
    fault: { kind: 'no_delivery' },
  },
  {
    id: 'twice',
    title: 'Everything twice',
    note: 'Each payload is delivered two times',
    fault: { kind: 'duplicate_delivery' },
  },
  {
    id: 'drop',
    title: 'Socket breaks once',
    note: 'Instead of the next payload',
    fault: { kind: 'socket_drop', count: 1 },
  },
  {
    id: 'app-limited',
    title: 'app_rate_limited once',
    note: 'Before the next payload',
    fault: { kind: 'app_rate_limited', count: 1 },
  },
];

/** The drawer. */
export function FaultsDrawer({ onClose }: { onClose: () => void }) {
  const { state } = useViewer();
  const run = useAct();
  const others = state.faults.filter((fault) => !PRESETS.some((preset) => isSame(preset.fault, fault)));
  return (
    <Pane name="faults" title="Faults" topic="Let Slack misbehave" onClose={onClose}>
      <ul class="fault-list">
        {PRESETS.map((preset) => (
          <Switch key={preset.id} preset={preset} />
        ))}
      </ul>
      {others.length > 0 && (
        <p class="fault-others">
          Set by others: {others.map((fault) => fault.kind).join(', ')}{' '}
          <button type="button" class="link-button" onClick={() => void run(() => setFaults([]))}>
            Clear all
          </button>
        </p>
      )}
      <Connection />
    </Pane>
  );
}

function Switch({ preset }: { preset: Preset }) {
  const { state } = useViewer();
  const run = useAct();
  const isOn = state.faults.some((fault) => isSame(preset.fault, fault));
  const flip = () => {
    const rest = state.faults.filter((fault) => !isSame(preset.fault, fault));
    void run(() => setFaults(isOn ? rest : [...rest, preset.fault]));
  };
  return (
    <li>
      <label class="switch">
        <input
          type="checkbox"
          role="switch"
          aria-checked={isOn}
          checked={isOn}
          data-testid={`fault-${preset.id}`}
          onChange={flip}
        />
        <span>
          <strong>{preset.title}</strong>
          <small>{preset.note}</small>
        </span>
      </label>
    </li>
  );
}

function Connection() {
  const { state } = useViewer();
  const run = useAct();
  const { mode, sockets: open, events_url } = state.delivery;
  if (mode === 'http') return <p class="fault-others">Payloads go, signed, to {events_url}</p>;
  const words = open.length === 1 ? '1 socket is open' : `${open.length} sockets are open`;
  return (
    <p class="fault-others">
      {words}.{' '}
      <button type="button" class="link-button" onClick={() => void run(() => sockets({ act: 'refresh' }))}>
        Ask for a new one
      </button>
      {' · '}
      <button type="button" class="link-button" onClick={() => void run(() => sockets({ act: 'drop' }))}>
        Cut
      </button>
    </p>
  );
}

function isSame(preset: Fault, fault: Fault): boolean {
  return preset.kind === fault.kind && methodOf(preset) === methodOf(fault);
}

function methodOf(fault: Fault): string {
  return 'method' in fault ? fault.method : '';
}
