// The browser as the link's world.

import type { Socket, World } from './link';

/** `path` is relative to the page, e.g. `ws`. */
export function browserWorld(path: string): World {
  return {
    open() {
      const url = new URL(path, location.href);
      url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
      return new WebSocket(url) as unknown as Socket;
    },
    now: () => performance.now(),
    random: () => Math.random(),
    newId,
    async admitted() {
      try {
        const { status } = await fetch('api/session', { cache: 'no-store' });
        // 403: this computer may not be here any more.
        return ![401, 403, 404].includes(status);
      } catch {
        return true;
      }
    },
    after(ms, act) {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
  };
}

/** randomUUID exists on secure pages only; a desk may be reached by plain HTTP on loopback through a name. */
export function newId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}
