// The chat's page: signs in, then shows a list and one conversation. docs/chat.md builds the same from nothing.
import { Session, type Conversation } from './api';
import { List } from './list';
import { el } from './page';
import { signInSheet } from './sign_in';
import { Talk } from './talk';
import { TalkPane } from './talk_pane';

const root = document.getElementById('app')!;

function start(session: Session): void {
  const state = el('span', { class: 'soft', role: 'status' });
  const panes = el('main', { class: 'panes' });
  let drawing = false;
  let loading = false;
  let outdated = false;

  // Several changes of one moment are drawn once.
  const draw = () => {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(() => {
      drawing = false;
      state.textContent = talk.connected ? 'Connected' : 'Connecting…';
      state.className = talk.connected ? 'calm' : 'alarm';
      list.draw(talk.open);
      pane.draw();
    });
  };
  // What happens while the list is on its way may not be in it: it is asked for once more.
  const reload = async () => {
    outdated = true;
    if (loading) return;
    loading = true;
    while (outdated) {
      outdated = false;
      await list.load().catch(() => undefined);
      draw();
    }
    loading = false;
  };
  const show = async (conversation: Conversation) => {
    panes.classList.add('talking');
    pane.show(conversation);
    await talk.show(conversation.id);
    draw();
  };
  const close = () => {
    panes.classList.remove('talking');
    talk.open = null;
    pane.show(null);
    draw();
    list.element.querySelector('button')?.focus();
  };

  const talk = new Talk(session, draw, (conversation) => {
    if (conversation) pane.update(conversation);
    void reload();
  });
  const pane = new TalkPane(session, talk, { close, opened: (conversation) => {
    void reload();
    void show(conversation);
  } });
  const list = new List(session, (conversation) => void show(conversation), () => {
    panes.classList.add('talking');
    pane.askNew();
  }, () => void reload());

  panes.append(list.element, pane.element);
  root.replaceChildren(
    el('header', { class: 'top' }, el('h1', {}, session.isAgent ? 'Customer chat' : 'Chat with us'), state,
      el('span', { class: 'soft name' }, session.me.name),
      el('button', { onclick: async () => {
        talk.close();
        await session.signOut();
        begin(null);
      } }, 'Sign out')),
    panes,
  );
  void reload();
  draw();
}

function begin(session: Session | null): void {
  if (session) start(session);
  else root.replaceChildren(signInSheet(start));
}

void Session.resume().then(begin);
