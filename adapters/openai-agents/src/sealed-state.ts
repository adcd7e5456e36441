// The serialized state of a run holds its context, its messages and its approvals in clear, and nothing in it is signed. Sealed,
// it is good for its own run, and for who has the secret.
import { openState as open, sealState as seal } from '@placet/sdk';

type RunSeal = {
  /** The id of the agent run that the state is of. */
  readonly run: string;
  /** At least 32 characters. */
  readonly secret: string;
};

const bound = ({ run, secret }: RunSeal) => ({ secret, binding: `openai-agents/${run}` });

/** Seals what `state.toString()` gave. Throws TypeError for a short secret. */
export function sealState(text: string, options: RunSeal): Promise<string> {
  return seal(text, bound(options));
}

/** Opens it, for `RunState.fromString`. Throws when it was changed, or is of another run. */
export function openState(sealed: string, options: RunSeal): Promise<string> {
  return open(sealed, bound(options));
}
