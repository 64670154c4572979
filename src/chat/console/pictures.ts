// Pictures of messages: fetched with the reader's token, shown small, larger on demand; and those that wait to be sent.
import type { Picture, Session } from './api';
import { el } from './page';

const shown_side = 240; // pixels, in the log
const pictures_max = 4; // of one message, as the server has it
const types = 'image/jpeg,image/png,image/webp,image/gif,image/avif';

export class Pictures {
  private readonly files = new Map<string, Promise<string>>(); // by path: an object URL

  constructor(private readonly session: Session) {}

  show(picture: Picture): HTMLElement {
    const scale = Math.min(1, shown_side / Math.max(picture.width, picture.height));
    const image = el('img', {
      alt: picture.alt || 'Picture', width: Math.round(picture.width * scale), height: Math.round(picture.height * scale),
    });
    image.style.background = picture.dominant_color;
    this.load(picture.urls.small).then((url) => { image.src = url; }, () => undefined);
    return el('button', { class: 'picture', 'aria-label': `Show larger: ${image.alt}`, onclick: () => void this.showLarge(picture) }, image);
  }

  private async showLarge(picture: Picture): Promise<void> {
    const image = el('img', { alt: picture.alt || 'Picture' });
    const dialog = el('dialog', { class: 'large', onclose: () => dialog.remove() }, image,
      el('button', { onclick: () => dialog.close() }, 'Done'));
    document.body.append(dialog);
    dialog.showModal();
    image.src = await this.load(picture.urls.large);
  }

  private load(path: string): Promise<string> {
    let file = this.files.get(path);
    if (!file) {
      file = this.session.call('GET', path).then((blob: Blob) => URL.createObjectURL(blob));
      file.catch(() => this.files.delete(path));
      this.files.set(path, file);
    }
    return file;
  }
}

// What is uploaded and goes with the next message.
export class Tray {
  readonly button: HTMLElement;
  readonly element = el('ul', { class: 'tray', 'aria-label': 'Pictures to send' });
  private ready: { picture: Picture; item: HTMLElement }[] = [];
  private readonly input = el('input', { type: 'file', accept: types, multiple: true, class: 'hidden', tabindex: -1, 'aria-label': 'Choose pictures' });

  constructor(
    private readonly session: Session,
    private readonly conversation_id: string,
    private readonly failed: (message: string) => void,
  ) {
    this.input.addEventListener('change', () => void this.add([...(this.input.files ?? [])]));
    this.button = el('span', {}, this.input, el('button', { type: 'button', onclick: () => this.input.click() }, 'Picture'));
  }

  // What waits, which is then somebody else's to send.
  take(): Picture[] {
    const pictures = this.ready.map(({ picture }) => picture);
    for (const { item } of this.ready) item.remove();
    this.ready = [];
    return pictures;
  }

  async add(files: File[]): Promise<void> {
    this.input.value = '';
    for (const file of files) {
      if (this.element.children.length >= pictures_max) return this.failed(`A message has room for ${pictures_max} pictures.`);
      const item = el('li', {}, `${file.name}: uploading…`);
      this.element.append(item);
      const form = new FormData();
      form.append('file', file);
      form.append('alt', file.name.slice(0, 500));
      try {
        const picture: Picture = await this.session.call('POST', `/v1/conversations/${this.conversation_id}/pictures`, form);
        item.replaceChildren(file.name, el('button', { type: 'button', class: 'small', onclick: () => this.remove(item) }, 'Remove'));
        this.ready.push({ picture, item });
      } catch (refusal) {
        item.remove();
        this.failed(`${file.name}: ${(refusal as Error).message}`);
      }
    }
  }

  private remove(item: HTMLElement): void {
    this.ready = this.ready.filter((one) => one.item !== item);
    item.remove();
  }
}
