import { createPrivateKey, X509Certificate } from 'node:crypto';
import * as fs from 'node:fs';
import type { Patient } from './examine.ts';
import { ok, problem, spanText, warning, type Finding } from './finding.ts';

const CHECK = 'tls';
const SOON_MS = 21 * 86_400_000;

/** Nothing is said where the gateway does no TLS of its own. */
export function checkTls({ config: { tls, publicUrl }, now }: Patient): Finding[] {
  if (tls === null) return [];
  let certificate: X509Certificate;
  let matches: boolean;
  try {
    certificate = new X509Certificate(fs.readFileSync(tls.cert));
    matches = certificate.checkPrivateKey(createPrivateKey(fs.readFileSync(tls.key)));
  } catch (error) {
    // OpenSSL's words for it name no content.
    return [problem(CHECK, `${tls.cert} or ${tls.key} cannot be used (${(error as NodeJS.ErrnoException).code ?? 'unknown form'})`, `openssl x509 -noout -text -in ${tls.cert}`)];
  }
  if (!matches) return [problem(CHECK, `${tls.key} is not the key of the certificate ${tls.cert}`, `openssl x509 -noout -pubkey -in ${tls.cert}`)];
  return [validity(certificate, tls.cert, now()), ...nameOf(certificate, publicUrl)];
}

function validity(certificate: X509Certificate, file: string, now: number): Finding {
  const from = certificate.validFromDate.getTime();
  const to = certificate.validToDate.getTime();
  const next = `openssl x509 -noout -dates -in ${file}`;
  if (now < from) return problem(CHECK, `the certificate is valid from ${certificate.validFromDate.toISOString()} on, not yet`, next);
  if (now >= to) return problem(CHECK, `the certificate expired on ${certificate.validToDate.toISOString()}`, next);
  if (to - now < SOON_MS) return warning(CHECK, `the certificate expires in ${spanText(to - now)}, on ${certificate.validToDate.toISOString()}; a renewed one takes effect at the next start`, next);
  return ok(CHECK, `the certificate is valid until ${certificate.validToDate.toISOString()}, and its key is there`);
}

function nameOf(certificate: X509Certificate, publicUrl: string | null): Finding[] {
  const host = publicUrl === null ? null : new URL(publicUrl).hostname;
  if (host === null || certificate.checkHost(host) !== undefined || certificate.checkIP(host) !== undefined) return [];
  return [warning(CHECK, `the certificate is not for ${host}, which public_url names (right where a proxy in front has another)`, 'edit tls or public_url in the configuration')];
}
