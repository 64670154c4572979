// The left pane: whose conversations are shown, and one line for each.
import type { Conversation, Message, Report, Session } from './api';
import { el, sync, timeOf, type Item } from './page';

export type View = 'own' | 'queue' | 'mine' | 'open' | 'closed' | 'reports' | 'found';

const queries: Partial<Record<View, string>> = {
  own: '',
  queue: '&status=open&assigned_to=none',
  mine: '&status=open&assigned_to=me',
  open: '&status=open',
  closed: '&status=closed',
};
const names: Partial<Record<View, string>> = { queue: 'Queue', mine: 'Mine', open: 'All open', closed: 'Closed', reports: 'Reports' };

export class List {
  readonly element = el('nav', { class: 'side', 'aria-label': 'Conversations' });
  private readonly tools = el('div', { class: 'tools' });
  private readonly rows = el('ul', { class: 'list' });
  private readonly words = el('input', { type: 'search', maxlength: 200, required: true, 'aria-label': 'Search messages', placeholder: 'Search messages' });
  conversations: Conversation[] = [];
  private found: Message[] = [];
  private reports: Report[] = [];
  private view: View;
  private next: string | null = null;

  constructor(
    private readonly session: Session,
    private readonly show: (conversation: Conversation) => void,
    startNew: () => void,
    private readonly reload: () => void,
  ) {
    this.view = session.isAgent ? 'queue' : 'own';
    this.element.append(this.tools, this.rows);
    if (session.isAgent) {
      for (const [view, name] of Object.entries(names) as [View, string][]) {
        this.tools.append(el('button', { 'data-view': view, onclick: () => this.choose(view) }, name));
      }
      this.tools.append(el('form', { role: 'search', onsubmit: (event: Event) => {
        event.preventDefault();
        this.choose('found');
      } }, this.words, el('button', {}, 'Search')));
    } else {
      this.tools.append(el('button', { class: 'strong', onclick: startNew }, 'New question'));
    }
    this.mark();
  }

  async load(): Promise<void> {
    this.next = null;
    if (this.view === 'reports') {
      this.reports = (await this.session.call('GET', '/v1/chat-reports?limit=100')).data;
      return;
    }
    if (this.view === 'found') {
      this.found = (await this.session.call('GET', `/v1/messages?limit=50&q=${encodeURIComponent(this.words.value)}`)).data;
      return;
    }
    const page = await this.session.call('GET', `/v1/conversations?limit=50${queries[this.view]}`);
    this.conversations = page.data;
    this.next = page.next_cursor;
  }

  draw(open: string | null): void {
    const items = this.items(open);
    if (this.next) items.push({ key: 'more', looks: this.next, make: () => el('li', {}, el('button', { onclick: () => this.more(open) }, 'Show more')) });
    if (!items.length) items.push({ key: 'none', looks: '', make: () => el('li', { class: 'empty soft' }, 'Nothing here.') });
    sync(this.rows, items);
  }

  private items(open: string | null): Item[] {
    const item = (key: string, looks: unknown, make: () => HTMLElement): Item => (
      { key, looks: JSON.stringify(looks), make: () => el('li', {}, make()) });
    if (this.view === 'found') {
      return this.found.map((message) => item(message.id, [message, message.conversation_id === open], () => el('button', {
        onclick: () => void this.showFound(message),
      }, el('span', { class: 'subject' }, message.sender.name),
      el('span', { class: 'last soft' }, `${timeOf(message.created_at)} ${message.text}`))));
    }
    if (this.view === 'reports') {
      return this.reports.map((report) => item(report.id, report, () => el('div', { class: 'report' },
        el('p', {}, `“${report.text}”`),
        el('p', { class: 'soft' }, `${timeOf(report.created_at)} Reported: ${report.reason}`),
        el('button', { class: 'small', onclick: () => void this.resolve(report) }, 'Resolved'))));
    }
    return this.conversations.map((conversation) => item(conversation.id, [conversation, conversation.id === open],
      () => this.row(conversation, open)));
  }

  private async showFound({ conversation_id }: Message): Promise<void> {
    this.show(await this.session.call('GET', `/v1/conversations/${conversation_id}`));
  }

  private async resolve(report: Report): Promise<void> {
    await this.session.call('POST', `/v1/chat-reports/${report.id}/resolve`, {});
    this.reload();
  }

  private row(conversation: Conversation, open: string | null): HTMLElement {
    const { id, last_message: last, unread_count: unread } = conversation;
    return el('button', {
      'aria-current': id === open,
      onclick: () => this.show(conversation),
    },
    el('span', { class: 'subject' }, titleOf(conversation, this.session.me.id)),
    unread > 0 && el('span', { class: 'badge' }, String(unread), el('span', { class: 'hidden' }, ' unread')),
    el('span', { class: 'last soft' }, last ? `${timeOf(last.created_at)} ${last.sender.name}: ${last.text || (last.deleted_at ? 'taken back' : 'a picture')}` : 'No messages yet'));
  }

  private choose(view: View): void {
    this.view = view;
    this.mark();
    this.reload();
  }

  private mark(): void {
    for (const button of this.tools.querySelectorAll<HTMLElement>('[data-view]')) {
      button.setAttribute('aria-pressed', String(button.dataset.view === this.view));
    }
  }

  private async more(open: string | null): Promise<void> {
    const page = await this.session.call('GET', `/v1/conversations?limit=50${queries[this.view]}&cursor=${this.next}`);
    this.conversations.push(...page.data);
    this.next = page.next_cursor;
    this.draw(open);
  }
}

export function titleOf(conversation: Conversation, me: string): string {
  const others = conversation.participants.filter(({ user_id }) => user_id !== me).map(({ name }) => name);
  return conversation.subject ?? (others.join(', ') || 'Support');
}
