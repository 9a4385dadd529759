// Where somebody writes, the text stays where it is on the screen, whatever comes and goes around it.
//
// After every change and before it is painted it is looked where the field stands, and the list is scrolled by as much as it was moved.
// Room above and below lets that be done at either end; it goes with the field. What is scrolled otherwise is the reader's own doing.
// A field that opens at the very foot is brought up once, so that it need not move when the text grows.

/** What is written may grow by two lines, with the keys beneath, in pixels. */
const TO_GROW = 112;

/** Of a scrolling list with one child that holds all it shows. */
export function hold(list: HTMLElement) {
  const content = list.firstElementChild as HTMLElement;
  let field: HTMLTextAreaElement | null = null;
  /** Where the field belongs on the screen while the list is scrolled to `scrolled`. */
  let place = 0;
  let scrolled = 0;
  let above = 0;
  let height = 0;

  /** What shrinks must not scroll the list. */
  function room(): void {
    if (!field || height >= list.scrollTop + list.clientHeight) return;
    height = Math.ceil(list.scrollTop + list.clientHeight);
    content.style.minHeight = `${height}px`;
  }

  function bringUp(field: HTMLTextAreaElement): void {
    const [of, at] = [list.getBoundingClientRect(), field.getBoundingClientRect()];
    const by = Math.min(at.bottom + TO_GROW - of.bottom, at.top - of.top);
    if (by <= 0) return;
    height = Math.ceil(list.scrollTop + by + list.clientHeight);
    content.style.minHeight = `${height}px`;
    list.scrollTop += by;
  }

  function release(): void {
    above = height = 0;
    content.style.paddingTop = content.style.minHeight = list.style.overflowAnchor = '';
  }

  function look(): void {
    const now = list.querySelector('textarea');
    if (now !== field) release();
    if (now && now !== field) {
      list.style.overflowAnchor = 'none';
      bringUp(now);
      place = now.getBoundingClientRect().top;
      scrolled = list.scrollTop;
    }
    field = now;
    if (!now) return;
    place -= list.scrollTop - scrolled;
    const wanted = list.scrollTop + now.getBoundingClientRect().top - place;
    if (Math.abs(wanted - list.scrollTop) >= 0.5) {
      if (wanted < 0) content.style.paddingTop = `${(above -= wanted)}px`;
      height = Math.max(height, Math.ceil(wanted + list.clientHeight));
      content.style.minHeight = `${height}px`;
      list.scrollTop = wanted;
    }
    scrolled = list.scrollTop;
    room();
  }

  const changes = new MutationObserver(look);
  changes.observe(content, { childList: true, subtree: true, characterData: true });
  const sizes = new ResizeObserver(look);
  sizes.observe(list);
  list.addEventListener('scroll', room);
  return {
    destroy() {
      changes.disconnect();
      sizes.disconnect();
      list.removeEventListener('scroll', room);
    },
  };
}
