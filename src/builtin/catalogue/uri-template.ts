/** Longer texts match nothing. The resource is then requested from one server after the other. */
const maximumLength = 8192;

/**
 * Whether a URI can be an expansion of a template (RFC 6570). `{+x}`, `{/x*}` and similar expressions may span segments.
 * The time is at most proportional to the product of the two lengths. Templates come from servers, so a regular expression
 * would allow a server to block the gateway.
 */
export function matchesTemplate(template: string, uri: string): boolean {
  if (template.length > maximumLength || uri.length > maximumLength) return false;
  // The offsets in the URI where a match of the parts so far can end.
  let reached: ReadonlySet<number> = new Set([0]);
  for (const part of template.split(/(\{[^{}]*\})/)) {
    if (part === '') continue;
    reached =
      part.startsWith('{') && part.endsWith('}')
        ? afterExpression(part, uri, reached)
        : afterLiteral(part, uri, reached);
    if (reached.size === 0) return false;
  }
  return reached.has(uri.length);
}

function afterLiteral(text: string, uri: string, from: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...from].filter((at) => uri.startsWith(text, at)).map((at) => at + text.length));
}

/** An expression of plain variables ends before the next `/`. Every other expression can end anywhere. */
function afterExpression(expression: string, uri: string, from: ReadonlySet<number>): ReadonlySet<number> {
  const plain = /^\{[A-Za-z0-9_]/.test(expression);
  const reached = new Set<number>();
  for (const start of from) {
    for (let at = start; at <= uri.length && !reached.has(at); at += 1) {
      reached.add(at);
      if (plain && uri[at] === '/') break;
    }
  }
  return reached;
}
