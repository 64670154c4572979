// The right pane: one conversation with its messages and a place to write, or the first question of a new one.
import type { Conversation, Message, Session } from './api';
import { titleOf } from './list';
import { ask, el, field, sync, timeOf } from './page';
import { Pictures, Tray } from './pictures';
import { showReadyAnswers } from './ready_answers';
import type { Talk, Waiting } from './talk';

const change_window_ms = 5 * 60_000; // as the server has it: for taking back what one has written
const typing_for_ms = 3_000;

interface Doings {
  close(): void;
  opened(conversation: Conversation): void;
}

export class TalkPane {
  readonly element = el('section', { class: 'talk', 'aria-label': 'Conversation' });
  private conversation: Conversation | null = null;
  private readonly head = el('div', { class: 'head' });
  private readonly log = el('ol', { class: 'messages', role: 'log', 'aria-label': 'Messages', tabindex: 0 });
  private readonly typing = el('p', { class: 'typing soft', role: 'status' });
  private readonly problem = el('p', { class: 'typing alarm', role: 'alert' });
  private readonly box = el('textarea', { rows: 1, maxlength: 4000, placeholder: 'Write a message' });
  private earlier: string | null = null; // the cursor of what is older; '' when nothing is
  private typingUntil: number | undefined;
  private readTo = '';
  private readonly pictures: Pictures;
  private tray: Tray | null = null;
  private blocked = new Set<string>();

  constructor(private readonly session: Session, private readonly talk: Talk, private readonly doings: Doings) {
    this.pictures = new Pictures(session);
    this.box.addEventListener('paste', (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length) void this.tray?.add(files);
    });
    this.box.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.send();
      }
    });
    this.box.addEventListener('input', () => this.sayTyping());
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.doings.close();
    });
    this.show(null);
  }

  show(conversation: Conversation | null): void {
    this.conversation = conversation;
    this.earlier = null;
    this.readTo = '';
    this.problem.textContent = '';
    this.log.replaceChildren();
    this.head.replaceChildren();
    if (!conversation) {
      this.element.replaceChildren(el('p', { class: 'empty soft' }, 'Choose a conversation.'));
      return;
    }
    this.tray = new Tray(this.session, conversation.id, (message) => { this.problem.textContent = message; });
    const composer = el('form', { class: 'composer', onsubmit: (event: Event) => {
      event.preventDefault();
      this.send();
    } }, el('label', {}, el('span', { class: 'hidden' }, 'Your message'), this.box), this.tray.button,
    this.session.isAgent && el('button', { type: 'button', onclick: () => showReadyAnswers(this.session, (text) => this.insert(text)) }, 'Ready answers'),
    el('button', { class: 'strong' }, 'Send'));
    this.element.replaceChildren(this.head, this.log, this.typing, this.problem, this.tray.element, composer);
    if (conversation.kind === 'direct') void this.loadBlocked();
    this.draw();
    this.box.focus();
  }

  update(conversation: Conversation): void {
    if (conversation.id === this.conversation?.id) this.conversation = conversation;
  }

  askNew(): void {
    this.conversation = null;
    const subject = field('What is it about?', { maxlength: 200, required: true });
    const text = el('textarea', { rows: 5, maxlength: 4000, required: true });
    const form = el('form', { class: 'sheet', onsubmit: async (event: Event) => {
      event.preventDefault();
      await this.attempt(async () => {
        const asked = { kind: 'support', subject: subject.input.value, text: text.value };
        this.doings.opened(await this.session.call('POST', '/v1/conversations', asked));
      });
    } }, el('h2', {}, 'New question'), subject.row, el('label', {}, 'Your question', text), this.problem,
    el('button', { class: 'strong' }, 'Ask'), el('button', { type: 'button', onclick: () => this.doings.close() }, 'Cancel'));
    this.problem.textContent = '';
    this.element.replaceChildren(form);
    subject.input.focus();
  }

  draw(): void {
    if (!this.conversation) return;
    const { id } = this.conversation;
    const messages = this.talk.messages.get(id) ?? [];
    const waiting = this.talk.waiting.filter(({ conversation_id }) => conversation_id === id);
    this.drawHead();
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    const older = messages.length >= 50 && this.earlier !== '';
    sync(this.log, [
      ...(older ? [{ key: 'earlier', looks: '', make: () => this.earlierRow() }] : []),
      ...messages.map((message) => ({ key: message.id, looks: JSON.stringify([message, isYoung(message)]), make: () => this.row(message) })),
      ...waiting.map((message) => ({ key: message.client_id, looks: message.refused ?? '', make: () => this.waitingRow(message) })),
    ]);
    if (atEnd) this.log.scrollTop = this.log.scrollHeight;
    const typist = this.conversation.participants.find(({ user_id }) => user_id === this.talk.typing.get(id));
    const typing = this.talk.typing.has(id) ? `${typist?.name ?? 'Somebody'} is typing…` : '';
    if (this.typing.textContent !== typing) this.typing.textContent = typing;
    this.sayRead(messages);
  }

  private drawHead(): void {
    const conversation = this.conversation!;
    const others = conversation.participants.filter(({ user_id }) => user_id !== this.session.me.id);
    const who = others.map(({ user_id, name }) => `${name} (${this.talk.online.has(user_id) ? 'online' : 'away'})`).join(', ');
    const change = (body: object) => () => this.attempt(async () => {
      this.conversation = await this.session.call('PATCH', `/v1/conversations/${conversation.id}`, body);
      this.draw();
    });
    const closed = conversation.status === 'closed';
    const taken = conversation.assigned_to === this.session.me.id;
    const title = el('div', {}, el('h2', {}, titleOf(conversation, this.session.me.id)),
      el('p', { class: 'soft' }, `${closed ? 'Closed. ' : ''}${who || 'We will be with you shortly.'}`));
    const button = (key: string, text: string, onclick: () => unknown, style?: string) => (
      { key, looks: text, make: () => el('button', { class: style, onclick }, text) });
    const items = [button('back', '← Back', () => this.doings.close(), 'back'), { key: 'title', looks: title.innerHTML, make: () => title }];
    if (this.session.isAgent && conversation.kind === 'support' && !taken) {
      items.push(conversation.assigned_to ? button('take', 'Take over', change({ assigned_to: this.session.me.id }))
        : button('take', 'Take', () => this.take()));
    }
    items.push(button('status', closed ? 'Reopen' : 'Close', change({ status: closed ? 'open' : 'closed' })));
    const other = others[0]?.user_id;
    if (conversation.kind === 'direct' && other) {
      const isBlocked = this.blocked.has(other);
      items.push(button('block', isBlocked ? 'Unblock' : 'Block', () => this.block(other, !isBlocked)));
    }
    sync(this.head, items);
  }

  private row(message: Message): HTMLElement {
    const mine = message.sender.id === this.session.me.id;
    const young = isYoung(message);
    const foot = [timeOf(message.created_at), message.edited_at && 'edited', mine && message.read_by.length > 0 && 'read'];
    return el('li', { class: mine ? 'mine' : '' },
      el('p', { class: 'soft' }, mine ? 'You' : message.sender.name),
      (message.deleted_at || message.text) && el('p', { class: message.deleted_at ? 'text soft' : 'text' }, message.deleted_at ? 'Taken back' : message.text),
      message.pictures.length > 0 && el('p', { class: 'pictures' }, ...message.pictures.map((picture) => this.pictures.show(picture))),
      el('p', { class: 'foot soft' }, foot.filter(Boolean).join(' · '),
        mine && young && !message.deleted_at && el('button', { class: 'small', onclick: () => this.edit(message) }, 'Edit'),
        mine && young && !message.deleted_at && el('button', { class: 'small', onclick: () => this.takeBack(message) }, 'Take back'),
        !mine && this.mayReport && !message.deleted_at && el('button', { class: 'small', onclick: () => this.report(message) }, 'Report')));
  }

  private earlierRow(): HTMLElement {
    return el('li', {}, el('button', { class: 'small', onclick: () => this.loadEarlier() }, 'Show earlier messages'));
  }

  private waitingRow(waiting: Waiting): HTMLElement {
    return el('li', { class: 'mine waiting' }, el('p', { class: 'text' }, waiting.text || `Pictures: ${waiting.pictures.length}`),
      el('p', { class: waiting.refused ? 'alarm' : 'soft' }, waiting.refused ?? 'Sending…'));
  }

  private send(): void {
    const text = this.box.value.trim();
    if (!this.conversation || !this.tray) return;
    const pictures = this.tray.take();
    if (!text && !pictures.length) return;
    this.box.value = '';
    this.problem.textContent = '';
    this.stopTyping();
    void this.talk.send(this.conversation.id, text, pictures);
    this.log.scrollTop = this.log.scrollHeight;
  }

  private insert(text: string): void {
    this.box.value = [this.box.value.trim(), text].filter(Boolean).join('\n');
    this.box.focus();
  }

  // A customer's words to the team are the team's to bear; everybody else may complain to it.
  private get mayReport(): boolean {
    return !(this.session.isAgent && this.conversation?.kind === 'support');
  }

  private async report(message: Message): Promise<void> {
    const reason = await ask('Report this message', 'What is wrong with it?', '', 1000);
    if (!reason) return;
    await this.attempt(async () => {
      await this.session.call('POST', `/v1/conversations/${message.conversation_id}/report`, { message_id: message.id, reason });
      this.problem.textContent = 'Reported. The team will look at it.';
    });
  }

  private loadBlocked(): Promise<void> {
    return this.attempt(async () => {
      const { data } = await this.session.call('GET', '/v1/me/blocks?limit=100');
      this.blocked = new Set(data.map(({ user_id }: { user_id: string }) => user_id));
      this.draw();
    });
  }

  private block(user: string, on: boolean): Promise<void> {
    return this.attempt(async () => {
      await this.session.call(on ? 'PUT' : 'DELETE', `/v1/me/blocks/${user}`, on ? {} : undefined);
      await this.loadBlocked();
    });
  }

  private sayTyping(): void {
    if (!this.conversation) return;
    this.talk.type(this.conversation.id, true);
    clearTimeout(this.typingUntil);
    this.typingUntil = window.setTimeout(() => this.stopTyping(), typing_for_ms);
  }

  private stopTyping(): void {
    clearTimeout(this.typingUntil);
    if (this.conversation) this.talk.type(this.conversation.id, false);
  }

  private sayRead(messages: Message[]): void {
    const last = messages.findLast?.(({ sender }) => sender.id !== this.session.me.id);
    if (!last || last.id === this.readTo || document.hidden) return;
    this.readTo = last.id;
    if (!last.read_by.includes(this.session.me.id)) this.talk.read(last);
  }

  private take(): Promise<void> {
    return this.attempt(async () => {
      this.conversation = await this.session.call('POST', `/v1/conversations/${this.conversation!.id}/take`, {});
      this.draw();
    });
  }

  private async edit(message: Message): Promise<void> {
    const text = await ask('Change your message', 'New text', message.text);
    if (!text || text === message.text) return;
    await this.attempt(async () => this.talk.replace(await this.session.call('PATCH', pathOf(message), { text })));
  }

  private takeBack(message: Message): Promise<void> {
    return this.attempt(async () => this.talk.replace(await this.session.call('DELETE', pathOf(message))));
  }

  private loadEarlier(): Promise<void> {
    return this.attempt(async () => {
      const { id } = this.conversation!;
      const known = this.talk.messages.get(id)!;
      let fresh: Message[] = [];
      while (!fresh.length && this.earlier !== '') {
        const page = await this.session.call('GET', `/v1/conversations/${id}/messages?limit=100${this.earlier ? `&cursor=${this.earlier}` : ''}`);
        this.earlier = page.next_cursor ?? '';
        fresh = page.data.filter((message: Message) => !known.some((one) => one.id === message.id)).reverse();
      }
      known.unshift(...fresh);
      this.draw();
    });
  }

  private async attempt(doing: () => Promise<void> | void): Promise<void> {
    this.problem.textContent = '';
    try {
      await doing();
    } catch (refusal) {
      this.problem.textContent = (refusal as Error).message;
    }
  }
}

const isYoung = ({ created_at }: Message) => Date.now() - Date.parse(created_at) < change_window_ms;
const pathOf = ({ conversation_id, id }: Message) => `/v1/conversations/${conversation_id}/messages/${id}`;
