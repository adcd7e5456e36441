// An e-mail address in the one form that it is kept and compared in.

const LABELS_MAX = 127;

/**
 * The address in lower case with its domain in ASCII form (UTS 46, as in the URL standard), so that `Ann@BÜCHER.example` and
 * `ann@xn--bcher-kva.example` are one. What has no domain that a URL could have is only written in lower case.
 */
export function addressOf(text: string): string {
  const trimmed = text.trim().toLowerCase();
  const at = trimmed.lastIndexOf('@');
  if (at < 1) return trimmed;
  return `${trimmed.slice(0, at)}@${asciiDomain(trimmed.slice(at + 1))}`;
}

function asciiDomain(domain: string): string {
  // Only letters outside of ASCII are written otherwise there; an IP address in an odd form is left as it came.
  if (/^[\x20-\x7e]*$/.test(domain) || domain.split('.').length > LABELS_MAX) return domain;
  return URL.canParse(`http://${domain}`) ? new URL(`http://${domain}`).hostname : domain;
}
