// The team's ready answers: choose one to write it into the message, add one, remove one.
import type { CannedReply, Session } from './api';
import { el, field } from './page';

export function showReadyAnswers(session: Session, insert: (text: string) => void): void {
  const list = el('ul', { class: 'answers' });
  const problem = el('p', { class: 'alarm', role: 'alert' });
  const title = field('Title', { maxlength: 100, required: true });
  const text = el('textarea', { rows: 3, maxlength: 4000, required: true });

  const attempt = async (doing: () => Promise<void>) => {
    problem.textContent = '';
    try {
      await doing();
    } catch (refusal) {
      problem.textContent = (refusal as Error).message;
    }
  };
  const row = (reply: CannedReply) => el('li', {},
    el('button', { class: 'answer', onclick: () => {
      dialog.close();
      insert(reply.text);
    } }, el('strong', {}, reply.title), el('span', { class: 'soft' }, reply.text)),
    el('button', { class: 'small', 'aria-label': `Remove ${reply.title}`, onclick: () => attempt(async () => {
      await session.call('DELETE', `/v1/canned-replies/${reply.id}`);
      await load();
    }) }, 'Remove'));
  const load = async () => {
    const replies: CannedReply[] = (await session.call('GET', '/v1/canned-replies?limit=100')).data;
    list.replaceChildren(...replies.map(row));
    if (!replies.length) list.append(el('li', { class: 'soft' }, 'None yet.'));
  };
  const form = el('form', { onsubmit: (event: Event) => {
    event.preventDefault();
    void attempt(async () => {
      await session.call('POST', '/v1/canned-replies', { title: title.input.value, text: text.value });
      form.reset();
      await load();
    });
  } }, el('h3', {}, 'Add one'), title.row, el('label', {}, 'Text', text), el('button', { class: 'strong' }, 'Add'));
  const dialog = el('dialog', { 'aria-label': 'Ready answers', onclose: () => dialog.remove() },
    el('h2', {}, 'Ready answers'), list, problem, form, el('button', { onclick: () => dialog.close() }, 'Done'));
  document.body.append(dialog);
  dialog.showModal();
  void attempt(load);
}
