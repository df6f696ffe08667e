/** Colours for code: comments, strings, numbers and the few words that carry its structure. Escapes all of it. */
import { escapeHtml } from './html.ts';

const STRING = String.raw`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'`;
const TS_WORDS = 'import|from|const|let|new|await|async|for|of|if|else|return|function|throw|try|catch|export|type';
const PYTHON_WORDS = 'import|from|as|with|for|in|if|else|return|def|print|try|except|not|True|False|None';
const SHELL_WORDS = 'curl|export|npm|pip|claude|node|python3?|cd|jq|printf|cat|echo';

/** Alternatives in the order comment, string, number, word. */
const GRAMMARS: Readonly<Record<string, RegExp>> = {
  ts: new RegExp(String.raw`(\/\/[^\n]*)|(${STRING}|\`(?:[^\`\\]|\\.)*\`)|(\b\d[\d_.]*\b)|(\b(?:${TS_WORDS})\b)`, 'g'),
  python: new RegExp(String.raw`(#[^\n]*)|(${STRING})|(\b\d[\d_.]*\b)|(\b(?:${PYTHON_WORDS})\b)`, 'g'),
  bash: new RegExp(String.raw`((?<=^|\s)#[^\n]*)|("(?:[^"\\]|\\.)*"|'[^']*')|(?!)()|((?<![\w./-])(?:${SHELL_WORDS})(?![\w./-]))`, 'g'),
  json: new RegExp(String.raw`(?!)()|(${STRING})|(-?\b\d[\d.]*\b)|(\b(?:true|false|null)\b)`, 'g'),
};
const CLASSES = ['comment', 'string', 'number', 'word'] as const;

export function highlight(code: string, language: string): string {
  const grammar = GRAMMARS[language];
  if (grammar === undefined) return escapeHtml(code);
  let text = '';
  let end = 0;
  for (const match of code.matchAll(grammar)) {
    const kind = CLASSES[match.slice(1).findIndex((group) => group !== undefined && group !== '')];
    if (kind === undefined) continue;
    text += `${escapeHtml(code.slice(end, match.index))}<span class="${kind}">${escapeHtml(match[0])}</span>`;
    end = match.index + match[0].length;
  }
  return text + escapeHtml(code.slice(end));
}
