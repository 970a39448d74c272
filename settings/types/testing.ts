/** For tests: a certificate authority that nobody has the key of. */
export const CERTIFICATE: string = `-----BEGIN CERTIFICATE-----
MIIBijCCAS+gAwIBAgIUQ1GnwfUwXl9KDaIEgKOgrgp40q8wCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNMjYxMTI1MjIxMTQyWhgPMjEy
NjExMDEyMjExNDJaMBkxFzAVBgNVBAMMDlRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAE+1V77AhUjBqGrzGGNsJxUiVHzGSRi7xCeN5rtuwX
QN1LAXJdw4piNQKnHbMN5PoaZs3BoW9eMNxhiqp9ncEvxqNTMFEwHQYDVR0OBBYE
FJQVpR2hWebZO9wzqPKnpxZa2ZyLMB8GA1UdIwQYMBaAFJQVpR2hWebZO9wzqPKn
pxZa2ZyLMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAMXYLnlZ
eBXWz1nEWfTQZriPkNH8r3T3IfP2YNNR6VHVAiEA5FU+tLg8UN7xT6k50HQo8o8q
OkOuKpBTJTPWsWG+Ets=
-----END CERTIFICATE-----
`;

/** Base64 of a text. */
export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
