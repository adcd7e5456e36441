// The page's few pictures, drawn in place so that nothing is loaded. All are decoration; words beside them say it.
import type { ComponentChildren } from 'preact';

function Icon({ children, size = 18 }: { children: ComponentChildren; size?: number }) {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      aria-hidden="true"
    >
      <g stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">
        {children}
      </g>
    </svg>
  );
}

/** A cross. */
export function CloseIcon() {
  return <Icon children={<path d="M5 5l10 10M15 5L5 15" />} />;
}

/** Three lines: the sidebar on a small screen. */
export function MenuIcon() {
  return <Icon children={<path d="M3.5 5.5h13M3.5 10h13M3.5 14.5h13" />} />;
}

/** An arrow back, in a stack of modals. */
export function BackIcon() {
  return <Icon children={<path d="M12 4.5L6.5 10l5.5 5.5" />} />;
}

/** An eye: seen by one person only. */
export function EyeIcon() {
  return (
    <Icon size={14}>
      <path d="M1.8 10S4.8 4.5 10 4.5 18.2 10 18.2 10 15.2 15.5 10 15.5 1.8 10 1.8 10z" />
      <circle cx="10" cy="10" r="2.4" />
    </Icon>
  );
}

/** A paper plane: send. */
export function SendIcon() {
  return <Icon children={<path d="M3.5 4l13 6-13 6 2-6-2-6zM5.5 10h6" />} />;
}

/** A triangle with a sign: something went wrong. */
export function WarningIcon() {
  return <Icon size={16} children={<path d="M10 3.2l7.4 13H2.6l7.4-13zM10 8.2v3.6M10 14.2v.1" />} />;
}

/** A house: the app's Home. */
export function HomeIcon() {
  return <Icon size={16} children={<path d="M3 9.2L10 3.4l7 5.8M5 8.2v8h10v-8M8.4 16.2v-4.4h3.2v4.4" />} />;
}

/** Two sliders: the faults drawer. */
export function SlidersIcon() {
  return (
    <Icon size={16}>
      <path d="M3 6.5h7M14.5 6.5H17M3 13.5h2.5M10 13.5h7" />
      <circle cx="12.2" cy="6.5" r="2" />
      <circle cx="7.8" cy="13.5" r="2" />
    </Icon>
  );
}

/** A padlock: a private channel. */
export function LockIcon() {
  return (
    <Icon size={14}>
      <rect x="4.5" y="9" width="11" height="7.5" rx="1.5" />
      <path d="M7 9V6.5a3 3 0 016 0V9" />
    </Icon>
  );
}

/** Placet's mark: the stroke of assent in a seal. */
export function PlacetMark({ size }: { size: number }) {
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#5b2a86" />
      <path
        d="M9 16.5l5 5 9-11"
        fill="none"
        stroke="#fff"
        stroke-width="3.5"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
