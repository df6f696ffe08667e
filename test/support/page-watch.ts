/** What a browser's pages complain of while a test uses them. */
import type { BrowserContext, ConsoleMessage } from 'playwright-core';

export interface Watch {
  /** What was complained of and not allowed, in its order. */
  complaints(): string[];
  /** Complaints that match are what the test provokes, before and after this call. */
  allow(pattern: RegExp): void;
}

/** Chromium writes each refusal to the console; of the API's answers and of pages, refusals are no defect by themselves. */
const REFUSED = /^Failed to load resource: the server responded with a status of 4\d\d/;
const PARTS_OF_PAGES = /\.(js|css|svg|png|ico|woff2?|map)$/;

function isExpectedRefusal(message: ConsoleMessage): boolean {
  const { url } = message.location();
  return REFUSED.test(message.text()) && URL.canParse(url) && !PARTS_OF_PAGES.test(new URL(url).pathname);
}

/** Watches every page of the context: the console, failures of scripts, the content security policy, other origins, dialogs. */
export function watch(context: BrowserContext, origin: string): Watch {
  const heard: string[] = [];
  const allowed: RegExp[] = [];
  context.on('console', (message) => {
    // Violations of the content security policy come as errors of the console.
    if ((message.type() === 'error' || message.type() === 'warning') && !isExpectedRefusal(message))
      heard.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => heard.push(`script failed: ${String(error.error())}`));
  context.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (asked !== origin && protocol.startsWith('http')) heard.push(`request to another origin: ${request.method()} ${request.url()}`);
  });
  context.on('dialog', (dialog) => {
    heard.push(`dialog: ${dialog.type()} ${dialog.message()}`);
    void dialog.dismiss().catch(() => undefined);
  });
  return {
    complaints: () => heard.filter((text) => !allowed.some((pattern) => pattern.test(text))),
    allow: (pattern) => void allowed.push(pattern),
  };
}
