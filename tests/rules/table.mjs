// Laws 6 and 7 as a table: every path × operation × person. What it does not allow is denied, and both are decided on
// the same documents.

import { readFileSync } from 'node:fs';
import { assertFails, assertSucceeds, initializeTestEnvironment } from '@firebase/rules-unit-testing';
import {
  collection, deleteDoc, doc, documentId, getDoc, getDocs, query, setDoc, setLogLevel, updateDoc, where,
} from 'firebase/firestore';

setLogLevel('silent'); // a denial is what half of these decisions are about

export const OPERATIONS = ['get', 'list', 'create', 'update', 'delete'];
export const PEOPLE = {
  nobody: null,
  signedIn: { uid: 'someone' },
  player: { uid: 'player-1', claims: { role: 'player', session: 'session-1' } },
  otherPlayer: { uid: 'player-2', claims: { role: 'player', session: 'session-1' } },
  host: { uid: 'host-1', claims: { role: 'host' } },
  otherHost: { uid: 'host-2', claims: { role: 'host' } },
  person: { uid: 'person-1' },
};
const SIGNED_IN = ['signedIn', 'player', 'otherPlayer', 'host', 'otherHost', 'person'];
const IN_CLASS = ['host', 'person']; // the owner of class-1, and its member

// path: what lies there, and who may do what. `where` is the query that a list is made with.
export const TABLE = [
  {
    path: 'quizzes/public-quiz',
    data: { visibility: 'public', owner_id: 'host-2', title: 'Words' },
    where: ['visibility', '==', 'public'],
    allowed: { get: SIGNED_IN, list: SIGNED_IN },
  },
  {
    path: 'quizzes/private-quiz',
    data: { visibility: 'private', owner_id: 'host-1', title: 'Mine' },
    where: ['owner_id', '==', 'host-1'],
    allowed: { get: ['host'], list: ['host'] },
  },
  { path: 'quizzes/private-quiz', title: 'all quizzes, unfiltered', operations: ['list'], allowed: {} },
  {
    path: 'quizzes/private-quiz/questions/0',
    data: { prompt: '?', key: [1] },
    allowed: { get: ['host'], list: ['host'] },
  },
  {
    path: 'quizzes/public-quiz/questions/0',
    data: { prompt: '?', key: [1] },
    allowed: { get: ['otherHost'], list: ['otherHost'] },
  },
  {
    path: 'sessions/session-1',
    data: { host_id: 'host-1', state: 'question' },
    where: ['host_id', '==', 'host-1'],
    allowed: { get: SIGNED_IN },
  },
  { path: 'sessions/session-1', title: 'all sessions, unfiltered', operations: ['list'], allowed: {} },
  { path: 'sessions/session-1/private/quiz', data: { questions: [{ key: [1] }] }, allowed: {} },
  { path: 'sessions/session-1/private/timeline-0', data: { openings: {} }, allowed: {} },
  { path: 'sessions/session-1/journal/commit-1', data: { entries: [] }, allowed: {} },
  { path: 'sessions/session-1/shards/0', data: { top: [] }, allowed: {} },
  { path: 'sessions/session-1/groups/0', data: { top: [] }, allowed: {} },
  { path: 'sessions/session-1/private/resharding', data: { made_of: {} }, allowed: {} },
  { path: 'sessions/session-1/rolls/0-0', data: { rows: [] }, allowed: {} },
  { path: 'sessions/session-1/boards/page-12', data: { rows: [] }, allowed: { get: SIGNED_IN } },
  { path: 'sessions/session-1/boards/ranks', data: { seq: 1 }, allowed: { get: SIGNED_IN } },
  {
    path: 'sessions/session-1/players/player-1',
    data: { nickname: 'Ann', score: 0 },
    allowed: { get: ['player', 'host'], list: ['host'] },
  },
  {
    path: 'sessions/session-1/players/player-1',
    title: 'the own sheet, by a query for its name',
    byName: true,
    operations: ['list'],
    allowed: { list: ['host'] },
  },
  {
    path: 'sessions/session-1/players/player-1',
    title: 'who waits to be let in',
    where: ['admitted', '==', false],
    operations: ['list'],
    allowed: { list: ['host'] },
  },
  {
    path: 'sessions/session-1/players/player-3',
    title: 'a player who has not been folded yet',
    operations: ['get'],
    allowed: { get: ['host'] },
  },
  { path: 'sessions/session-1/boards/top', data: { seq: 1, top: [] }, allowed: { get: SIGNED_IN } },
  { path: 'sessions/session-1/links/player-1', data: { person: 'person-1' }, allowed: {} },
  { path: 'sessions/session-1/leavers/player-1', data: { at: 1 }, allowed: {} },
  { path: 'sessions/session-1/nicknames/ann', data: { player_id: 'player-1' }, allowed: {} },
  {
    path: 'sessions/session-1/requests/018f6b1e-0000-7000-8000-000000000001',
    data: { digest: 'd', event: '{}', player_id: 'player-1' },
    allowed: {},
  },
  { path: 'requests/4f2a', data: { digest: 'd', event: null, player_id: null }, allowed: {} },
  { path: 'sessions/session-1/elsewhere/x', data: { a: 1 }, allowed: {} },
  { path: 'pins/123456', data: { session_id: 'session-1' }, allowed: {} },
  { path: 'elsewhere/x', data: { a: 1 }, allowed: {} },
  { path: 'people/person-1', data: { nickname: 'Ann', listed: false }, allowed: { get: ['person'] } },
  ...['people/person-1', 'boards/global'].map((path) => ({
    path,
    title: `${path}, by a query for its name`,
    byName: true,
    operations: ['list'],
    allowed: {},
  })),
  {
    path: 'people/person-1/months/2026-10',
    data: { counted: {} },
    allowed: { get: ['person'], list: ['person'] },
  },
  {
    path: 'people/person-1/kept/session-1',
    data: { player_id: 'player-1' },
    allowed: { get: ['person'], list: ['person'] },
  },
  {
    path: 'people/person-1/classes/class-1',
    data: { title: '7b' },
    allowed: { get: ['person'], list: ['person'] },
  },
  { path: 'people/person-1/elsewhere/x', data: { a: 1 }, allowed: {} },
  { path: 'classes/class-1', data: { owner_id: 'host-1', code: 'BCDF23' }, allowed: { get: IN_CLASS } },
  {
    path: 'classes/class-1',
    title: 'the own classes, by a query',
    where: ['owner_id', '==', 'host-1'],
    operations: ['list'],
    allowed: {},
  },
  {
    path: 'classes/class-1/members/person-1',
    data: { nickname: 'Ann' },
    allowed: { get: IN_CLASS, list: IN_CLASS },
  },
  {
    path: 'classes/class-2/members/someone',
    title: 'the members of another class',
    data: { nickname: 'Sam' },
    operations: ['get', 'list'],
    allowed: { get: ['signedIn'], list: ['signedIn'] },
  },
  { path: 'class_codes/BCDF23', data: { class_id: 'class-1' }, allowed: {} },
  ...leaderboard('global', SIGNED_IN),
  ...leaderboard('class-class-1', IN_CLASS),
  {
    path: 'boards/class-class-2/periods/all',
    title: 'the board of another class',
    data: { top: [] },
    operations: ['get'],
    allowed: { get: ['signedIn'] },
  },
  { path: 'moves/move-1', data: { board: 'global' }, allowed: {} },
  { path: 'plays/public-quiz', data: { title: 'Words', days: {} }, allowed: {} },
  { path: 'return_codes/BCDF23', data: { session_id: 'session-1', player_id: 'player-1' }, allowed: {} },
  { path: 'audit/grant-1', data: { account: 'host-1', role: 'host' }, allowed: {} },
];

/** Every document of a board over time, for these readers. */
function leaderboard(board, readers) {
  const at = `boards/${board}`;
  return [
    { path: at, data: { seq: 1 }, allowed: { get: readers } },
    { path: `${at}/periods/day-2026-11-24`, data: { top: [] }, allowed: { get: readers } },
    { path: `${at}/periods/day-2026-11-24/leaves/0`, data: { seq: 1 }, allowed: { get: readers } },
    { path: `${at}/pages/day-2026-11-24-0`, data: { rows: [] }, allowed: { get: readers } },
    { path: `${at}/ranges/2026-11-01_2026-11-24`, data: { top: [] }, allowed: { get: readers } },
    { path: `${at}/candidates/day-2026-11-24`, data: { rows: [] }, allowed: {} },
  ];
}

const parent = (path) => path.split('/').slice(0, -1).join('/');
const clients = new WeakMap(); // by environment: each person's
const [host, port] = process.env.FIRESTORE_EMULATOR_HOST.split(':');

export const ruleText = () => readFileSync('firestore.rules', 'utf8');

/** An environment of its own project under these rules, with the table's documents in it. */
export async function environmentOf(projectId, rules) {
  const environment = await initializeTestEnvironment({ projectId, firestore: { host, port: Number(port), rules } });
  await environment.withSecurityRulesDisabled(async (context) => {
    await Promise.all(
      TABLE.filter(({ data }) => data).map(({ path, data }) => setDoc(doc(context.firestore(), path), data)),
    );
  });
  return environment;
}

/** Every decision: a name, and a function that fails when it is not as the table says. */
export function decisions() {
  return TABLE.flatMap((row) =>
    (row.operations ?? OPERATIONS).flatMap((operation) =>
      Object.entries(PEOPLE).map(([name, person]) => {
        const allowed = row.allowed[operation]?.includes(name) ?? false;
        return {
          row: row.title ?? row.path,
          name: `${name} ${allowed ? 'may' : 'may not'} ${operation}`,
          allowed,
          decide: async (environment) => {
            const tried = attempt(clientOf(environment, person), operation, row);
            await (allowed ? assertSucceeds(tried) : assertFails(tried));
          },
        };
      }),
    ),
  );
}

/** One client for each person: a connection for each decision took most of the time. */
function clientOf(environment, person) {
  const known = clients.get(environment) ?? new Map();
  clients.set(environment, known);
  if (!known.has(person)) {
    const context = person
      ? environment.authenticatedContext(person.uid, person.claims)
      : environment.unauthenticatedContext();
    known.set(person, context.firestore());
  }
  return known.get(person);
}

function attempt(db, operation, { path, data, where: filter, byName }) {
  const all = collection(db, parent(path));
  const asked = byName ? [documentId(), '==', path.split('/').pop()] : filter;
  switch (operation) {
    case 'get': return getDoc(doc(db, path));
    case 'list': return getDocs(asked ? query(all, where(...asked)) : all);
    case 'create': return setDoc(doc(db, parent(path), 'made-by-a-client'), data ?? { a: 1 });
    case 'update': return updateDoc(doc(db, path), { score: 1_000_000 });
    case 'delete': return deleteDoc(doc(db, path));
    default: throw new Error(operation);
  }
}
