// Read an AsyncAPI document with the AsyncAPI initiative's own parser; offline.
//
//   node check.mjs PARTS DOCUMENT
//
// PARTS is the folder in which @asyncapi/parser is installed. Prints one line for each error in the document and
// exits 1 where there is one. Warnings are the parser's taste, and are not printed.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const ERROR = 0; // DiagnosticSeverity.Error

const [parts, path] = process.argv.slice(2);
const { Parser } = createRequire(`${parts}/`)('@asyncapi/parser');

const { document, diagnostics } = await new Parser().parse(readFileSync(path, 'utf8'), { source: path });
const errors = diagnostics.filter((diagnostic) => diagnostic.severity === ERROR);
for (const { path, message } of errors) {
  console.log(`${path.join('.') || '(document)'}: ${message}`);
}
process.exitCode = document === undefined || errors.length > 0 ? 1 : 0;
