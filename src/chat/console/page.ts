// Elements without a framework: el('button', { class: 'strong', onclick }, 'Send').

type Child = Node | string | null | undefined | false;
type Properties = Record<string, unknown>;

export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'function') element.addEventListener(key.slice(2), value as EventListener);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(...children.filter((child): child is Node | string => !!child));
  return element;
}

export function field(label: string, properties: Properties): { row: HTMLLabelElement; input: HTMLInputElement } {
  const input = el('input', properties);
  return { row: el('label', {}, label, input), input };
}

// A question in front of everything else: resolves to what was written, or to null if it was called off.
export function ask(title: string, label: string, value = '', maxlength = 4000): Promise<string | null> {
  return new Promise((resolve) => {
    const text = el('textarea', { rows: 3, maxlength, required: true });
    text.value = value;
    const dialog = el('dialog', { 'aria-label': title, onclose: () => {
      dialog.remove();
      resolve(dialog.returnValue === 'sent' ? text.value.trim() : null);
    } }, el('form', { method: 'dialog' }, el('h2', {}, title), el('label', {}, label, text),
      el('button', { class: 'strong', value: 'sent' }, 'OK'),
      el('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel')));
    document.body.append(dialog);
    dialog.showModal();
    text.focus();
  });
}

const today = () => new Date().toDateString();

export function timeOf(at: string): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return date.toDateString() === today() ? time : `${date.toLocaleDateString()} ${time}`;
}

export interface Item {
  key: string;
  looks: string; // what it shows: the same means that the element that is there will do
  make: () => HTMLElement;
}

// Makes `parent` hold these, in this order, leaving alone what hasn't changed: a screen reader reads out what is new
// only, and the focus stays where it is.
export function sync(parent: HTMLElement, items: Item[]): void {
  const there = new Map([...parent.children].map((child) => [(child as HTMLElement).dataset.key, child as HTMLElement]));
  let next = parent.firstElementChild;
  for (const { key, looks, make } of items) {
    let element = there.get(key);
    if (element?.dataset.looks !== looks) {
      const fresh = make();
      fresh.dataset.key = key;
      fresh.dataset.looks = looks;
      if (element) {
        const focused = element.contains(document.activeElement);
        if (next === element) next = fresh;
        element.replaceWith(fresh);
        if (focused) (fresh.querySelector('button') ?? parent).focus();
      }
      element = fresh;
    }
    there.delete(key);
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
  }
  for (const gone of there.values()) gone.remove();
}
