import { askJson } from '../../../faults/harness/http-json.ts';
import type { Checks } from '../parts/checks.ts';
import { answerWell, type House } from './house.ts';
import { ANOTHER_PROJECT } from './projects-hook.ts';
import { bearer, type RawAnswer, Session } from './session.ts';

/** An id of the same form that nobody has ever been given. */
const UNKNOWN = 'zzzzzzzzzzzzzzzzzzzzzzzzzz';

interface Kept {
  readonly response: string;
  readonly conversation: string;
  readonly item: string;
}

interface Question {
  readonly method: string;
  readonly target: string;
  readonly body?: object;
}

/** What is kept for one project, asked for with a key of another: each id is as unknown there as one that never was. */
export async function proveTenants(house: House, checks: Checks): Promise<Record<string, number>> {
  using session = new Session(house.port);
  house.raw.answer = answerWell;
  const body = { name: 'colleague' };
  const colleague = String((await askJson(`${house.url}/admin/keys`, { bearer: house.adminToken, body }))['key']);
  const stranger = `${house.keys.client}${ANOTHER_PROJECT}`;
  const send = ({ method, target, body }: Question, key: string) =>
    session.send({
      method,
      target,
      headers: [bearer(key), 'content-type: application/json'],
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const kept = await keep((question) => send(question, house.keys.client));
  const problems: string[] = [];
  const questions = questionsAbout(kept);
  for (const [at, question] of questions.entries()) {
    const told = await send(question, stranger);
    const never = await send(questionsAbout(neverKept(kept))[at] ?? question, stranger);
    const name = `${question.method} ${question.target} ${JSON.stringify(question.body ?? '')}`;
    if (told.status !== 400 && told.status !== 404) problems.push(`${name} got ${told.status}`);
    if (plain(told, kept) !== plain(never, neverKept(kept))) problems.push(`${name} is told apart from what never was`);
  }
  checks.none('what is kept for one project is not there for another', problems, `${questions.length} questions`);
  const lost: string[] = [];
  for (const key of [house.keys.client, colleague]) {
    for (const { method, target } of questions.filter(({ method }) => method === 'GET')) {
      const { status } = await send({ method, target }, key);
      if (status !== 200) lost.push(`${method} ${target} got ${status}`);
    }
  }
  checks.none('it is there for the keys of its own project, and has outlasted the questions', lost);
  return { 'questions of strangers': questions.length };
}

/** An answer and a conversation of the client's. */
async function keep(send: (question: Question) => Promise<RawAnswer>): Promise<Kept> {
  const read = async (question: Question) => {
    const { status, text } = await send(question);
    if (status !== 200) throw new Error(`${question.target} got ${status}: ${text.slice(0, 200)}`);
    return JSON.parse(text) as { id: string; data?: { id: string }[] };
  };
  const { id: response } = await read({
    method: 'POST',
    target: '/v1/responses',
    body: { model: 'raw/m', input: 'kept for one project' },
  });
  const items = [{ type: 'message', role: 'user', content: 'said in one project' }];
  const { id: conversation } = await read({ method: 'POST', target: '/v1/conversations', body: { items } });
  const { data } = await read({ method: 'GET', target: `/v1/conversations/${conversation}/items` });
  return { response, conversation, item: data?.[0]?.id ?? '' };
}

function neverKept({ response, conversation, item }: Kept): Kept {
  const unknown = (id: string) => `${id.slice(0, id.indexOf('_') + 1)}${UNKNOWN}`;
  return { response: unknown(response), conversation: unknown(conversation), item: unknown(item) };
}

function questionsAbout({ response, conversation, item }: Kept): Question[] {
  const asked = { model: 'raw/m', input: 'and then?' };
  const of = (target: string, ...methods: readonly string[]) => methods.map((method) => ({ method, target }));
  return [
    ...of(`/v1/responses/${response}`, 'GET', 'DELETE'),
    ...of(`/v1/responses/${response}/input_items`, 'GET'),
    ...of(`/v1/responses/${response}/cancel`, 'POST'),
    { method: 'POST', target: '/v1/responses', body: { ...asked, previous_response_id: response } },
    { method: 'POST', target: '/v1/responses', body: { ...asked, conversation } },
    { method: 'POST', target: '/v1/responses/input_tokens', body: { ...asked, previous_response_id: response } },
    ...of(`/v1/conversations/${conversation}`, 'GET', 'DELETE'),
    ...of(`/v1/conversations/${conversation}/items`, 'GET'),
    ...of(`/v1/conversations/${conversation}/items/${item}`, 'GET', 'DELETE'),
    { method: 'POST', target: `/v1/conversations/${conversation}`, body: { metadata: { of: 'a stranger' } } },
    {
      method: 'POST',
      target: `/v1/conversations/${conversation}/items`,
      body: { items: [{ role: 'user', content: 'x' }] },
    },
  ];
}

/** What is told, without what differs anyway. */
function plain({ status, text }: RawAnswer, { response, conversation, item }: Kept): string {
  const ids = [response, conversation, item].reduce((rest, id) => rest.replaceAll(id, 'ID'), text);
  return `${status} ${ids.replace(/"request_id":"[^"]*"/, '')}`;
}
