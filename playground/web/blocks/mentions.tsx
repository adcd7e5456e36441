// The parts of a text that name something else: people, channels, moments, addresses.
import { nameOf, useViewer } from '../viewer.ts';
import { formatDate } from './date.ts';

/** A person's name; marked when it is the one who looks. */
export function Mention({ id }: { id: string }) {
  const { state, as } = useViewer();
  return <span class={id === as ? 'mention mention-me' : 'mention'}>@{nameOf(state, id)}</span>;
}

/** A channel's name, to go there. */
export function ChannelLink({ id, label }: { id: string; label: string }) {
  const { state, openChannel } = useViewer();
  const channel = state.channels.find((each) => each.id === id);
  if (channel === undefined) return <span class="mention">#{label || 'private channel'}</span>;
  return (
    <button type="button" class="mention mention-button" onClick={() => openChannel(id)}>
      #{channel.name}
    </button>
  );
}

/** A moment in the viewer's zone, with the fallback as its tooltip. */
export function DateWords(props: { unix: number; format: string; fallback: string; link: string }) {
  const { dates } = useViewer();
  if (!Number.isFinite(props.unix) || props.unix <= 0) return <>{props.fallback}</>;
  const words = formatDate(props.unix, props.format, dates);
  const iso = new Date(props.unix * 1000).toISOString();
  return (
    <time dateTime={iso} title={props.fallback || iso}>
      {props.link === '' ? words : <Link url={props.link} label={words} />}
    </time>
  );
}

/** An address to open in a new tab; only kinds that cannot run anything here. */
export function Link({ url, label }: { url: string; label: string }) {
  if (!/^(https?:|mailto:)/i.test(url)) return <span class="line">{label}</span>;
  return (
    <a href={url} target="_blank" rel="noreferrer noopener">
      {label}
    </a>
  );
}
