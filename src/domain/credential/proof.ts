// Which signatures a proof of possession may bear (DPoP, RFC 9449): what is announced, and what the verifier of the SDK takes.

/** By their names in JOSE; the last two are one algorithm (RFC 9864). */
export const PROOF_ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519'] as const;
