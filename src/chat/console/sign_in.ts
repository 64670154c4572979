// The sheet before the chat: e-mail and password, and a code where the account wants one.
import { Session } from './api';
import { el, field } from './page';

export function signInSheet(done: (session: Session) => void): HTMLElement {
  const problem = el('p', { class: 'alarm', role: 'alert' });
  const sheet = el('main', { class: 'sheet' });

  const asked = (question: HTMLElement[], submit: string, answer: () => Promise<Session | { mfa_token: string }>) => {
    const button = el('button', { class: 'strong' }, submit);
    const form = el('form', { class: 'sheet', onsubmit: async (event: Event) => {
      event.preventDefault();
      problem.textContent = '';
      button.disabled = true;
      try {
        const session = await answer();
        session instanceof Session ? done(session) : askForCode(session.mfa_token);
      } catch (refusal) {
        problem.textContent = (refusal as Error).message;
      }
      button.disabled = false;
    } }, ...question, problem, button);
    sheet.replaceChildren(el('h1', {}, 'Sign in to chat'), form);
    form.querySelector('input')?.focus();
  };

  const askForCode = (mfa_token: string) => {
    const code = field('Code from your authenticator app', { autocomplete: 'one-time-code', inputmode: 'numeric', required: true });
    asked([code.row], 'Confirm', () => Session.confirm(mfa_token, code.input.value));
  };

  const email = field('E-mail', { type: 'email', autocomplete: 'username', required: true });
  const password = field('Password', { type: 'password', autocomplete: 'current-password', required: true });
  asked([email.row, password.row], 'Sign in', () => Session.signIn(email.input.value, password.input.value));
  return sheet;
}
