// Reads mutants of the rules as JSON ([{what, rules}]) and prints for each, as a JSON line, the first decision of the table
// that notices it, or null for a mutant that lives.

import { readFileSync } from 'node:fs';
import { decisions, environmentOf } from './table.mjs';

const AT_ONCE = 40;
const MUTANTS_AT_ONCE = 3;

const mutants = JSON.parse(readFileSync(0, 'utf8'));
const rest = mutants.entries();
await Promise.all(Array.from({ length: MUTANTS_AT_ONCE }, hunt));
process.exit(0); // connections of the SDK would keep the process

async function hunt() {
  for (const [number, { what, rules }] of rest) {
    const environment = await environmentOf(`demo-mutant-${number}`, rules);
    console.log(JSON.stringify({ what, killer: await killer(environment) }));
    await environment.cleanup();
  }
}

/** Reads first: a mutant that lets a client write changes the documents that the others look at. */
async function killer(environment) {
  const all = decisions();
  const order = ['get', 'list', 'create', 'update', 'delete'];
  all.sort((a, b) => order.indexOf(a.name.split(' ').pop()) - order.indexOf(b.name.split(' ').pop()));
  for (let first = 0; first < all.length; first += AT_ONCE) {
    const some = all.slice(first, first + AT_ONCE);
    const decided = await Promise.allSettled(some.map(({ decide }) => decide(environment)));
    const failed = decided.findIndex(({ status }) => status === 'rejected');
    if (failed >= 0) return `${some[failed].row}: ${some[failed].name}`;
  }
  return null;
}
