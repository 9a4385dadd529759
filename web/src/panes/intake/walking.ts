// Up and down walk a list: its `data-walk` elements take the keyboard one after another. Tab goes past them.

export function walked(node: HTMLElement) {
  const all = () => [...node.querySelectorAll<HTMLElement>('[data-walk]')];

  function key(e: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!step || e.isComposing || e.ctrlKey || e.altKey) return;
    const list = all();
    const at = list.indexOf(document.activeElement as HTMLElement);
    const next = list[at + step];
    if (at < 0) return;
    e.preventDefault();
    e.stopPropagation();
    next?.focus();
    next?.scrollIntoView({ block: 'nearest' });
  }

  node.addEventListener('keydown', key);
  return { destroy: () => node.removeEventListener('keydown', key) };
}
