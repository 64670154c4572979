// The live side: one socket, and what is known of each conversation. Nothing is lost or shown twice over a reconnect:
// what was missed is asked for after the last message seen, and what wasn't acknowledged is sent again under its
// client_id.
import { io, type Socket } from 'socket.io-client';
import type { Conversation, Message, Picture, Session } from './api';

export interface Waiting { client_id: string; conversation_id: string; text: string; pictures: Picture[]; refused?: string }

type Ack = { ok: true } & Record<string, any> | { ok: false; error: { code: string; message: string } };

const answer_within_ms = 10_000;

export class Talk {
  readonly messages = new Map<string, Message[]>(); // by conversation, oldest first
  readonly online = new Set<string>();
  readonly typing = new Map<string, string>(); // conversation to who types
  waiting: Waiting[] = [];
  open: string | null = null;
  private readonly socket: Socket;
  // What is said while the missed messages are on their way belongs behind them.
  private readonly held = new Map<string, Message[]>();

  // `changed` is called when something that is shown may have changed; `moved` when a conversation is new or different.
  constructor(
    private readonly session: Session,
    private readonly changed: () => void,
    private readonly moved: (conversation: Conversation | null) => void,
  ) {
    this.socket = io({ auth: (give) => give({ token: session.token }) });
    this.socket.on('connect', () => void this.catchUp());
    this.socket.on('disconnect', (reason) => {
      this.changed();
      if (reason === 'io server disconnect') void this.comeBack();
    });
    this.socket.on('connect_error', () => {
      this.changed();
      if (!this.socket.active) void this.comeBack();
    });
    this.socket.on('auth:expiring', async () => {
      await session.renew();
      this.socket.emit('auth:refresh', { token: session.token });
    });
    this.socket.on('message:new', ({ message }) => this.take(message));
    this.socket.on('message:updated', ({ message }) => this.replace(message));
    this.socket.on('message:read', (read) => this.markRead(read));
    this.socket.on('presence', ({ user_id, online }) => {
      online ? this.online.add(user_id) : this.online.delete(user_id);
      this.changed();
    });
    this.socket.on('typing', ({ conversation_id, user_id, active }) => {
      active ? this.typing.set(conversation_id, user_id) : this.typing.delete(conversation_id);
      this.changed();
    });
    this.socket.on('conversation:new', (conversation) => this.moved(conversation));
    this.socket.on('conversation:updated', (conversation) => this.moved(conversation));
  }

  get connected(): boolean {
    return this.socket.connected;
  }

  close(): void {
    this.socket.disconnect();
  }

  async show(conversation_id: string): Promise<void> {
    this.open = conversation_id;
    await this.join(conversation_id);
  }

  async send(conversation_id: string, text: string, pictures: Picture[] = []): Promise<void> {
    const client_id = Date.now().toString(36) + Math.random().toString(36).slice(2); // unique among one's own
    const waiting = { client_id, conversation_id, text, pictures };
    this.waiting.push(waiting);
    this.changed();
    await this.deliver(waiting);
  }

  type(conversation_id: string, active: boolean): void {
    this.socket.emit('typing', { conversation_id, active });
  }

  read(message: Message): void {
    const { conversation_id, id: message_id } = message;
    this.socket.emit('message:read', { conversation_id, message_id }, () => this.moved(null)); // the list counts what is unread
  }

  // A message that this page was told of some other way, as by the answer to a change.
  replace(message: Message): void {
    const known = this.messages.get(message.conversation_id);
    const at = known?.findIndex(({ id }) => id === message.id) ?? -1;
    if (known && at >= 0) known[at] = message;
    this.changed();
  }

  private take(message: Message): void {
    this.waiting = this.waiting.filter(({ client_id }) => client_id !== message.client_id);
    const known = this.held.get(message.conversation_id) ?? this.messages.get(message.conversation_id);
    if (known && !known.some(({ id }) => id === message.id)) known.push(message);
    this.typing.delete(message.conversation_id);
    this.changed();
    this.moved(null);
  }

  private markRead({ conversation_id, user_id, message_id }: Record<string, string>): void {
    for (const message of this.messages.get(conversation_id!) ?? []) {
      if (message.sender.id !== user_id && !message.read_by.includes(user_id!)) message.read_by.push(user_id!);
      if (message.id === message_id) break;
    }
    this.changed();
  }

  private async catchUp(): Promise<void> {
    this.changed();
    if (this.open) await this.join(this.open);
    for (const waiting of [...this.waiting]) await this.deliver(waiting);
    this.moved(null);
  }

  private async join(conversation_id: string): Promise<void> {
    const known = this.messages.get(conversation_id) ?? [];
    const held: Message[] = [];
    this.held.set(conversation_id, held);
    for (let has_more = true; has_more; ) {
      const ack = await this.ask('conversation:join', { conversation_id, after: known.at(-1)?.id });
      if (!ack?.ok) break; // the connection went: the next one begins again
      for (const message of ack.messages) if (!known.some(({ id }) => id === message.id)) known.push(message);
      for (const user of ack.online) this.online.add(user);
      has_more = ack.has_more;
      if (has_more) continue;
      for (const message of held) if (!known.some(({ id }) => id === message.id)) known.push(message);
      this.messages.set(conversation_id, known);
    }
    if (this.held.get(conversation_id) === held) this.held.delete(conversation_id);
    this.changed();
  }

  private async deliver(waiting: Waiting): Promise<void> {
    if (!this.connected) return; // catchUp() sends it
    const { conversation_id, client_id, text, pictures } = waiting;
    const picture_ids = pictures.length ? pictures.map(({ id }) => id) : undefined;
    const ack = await this.ask('message:send', { conversation_id, client_id, text: text || undefined, picture_ids });
    if (!ack) return;
    if (ack.ok) this.take(ack.message);
    else waiting.refused = ack.error.message;
    this.changed();
  }

  // Empty if the connection went before the answer came.
  private async ask(event: string, argument: object): Promise<Ack | undefined> {
    try {
      return await this.socket.timeout(answer_within_ms).emitWithAck(event, argument);
    } catch {
      return undefined;
    }
  }

  // The server ended it, as it does with a token that ran out: with a new one it lets us in again.
  private async comeBack(): Promise<void> {
    try {
      await this.session.renew();
      this.socket.connect();
    } catch {
      this.moved(null);
    }
  }
}
