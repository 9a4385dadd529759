// How large a page is shown. A scale is CSS pixels per page unit (1/100 pt). 100 % is the page in its physical size as
// browsers count it: 96 CSS pixels to the inch.

import { IMAGE_DPI, type ImageDpi, READING_DPI } from '../connection/api';
import type { Size } from './geometry';

const UNITS_PER_INCH = 7_200;
export const NATURAL = 96 / UNITS_PER_INCH;
export const ZOOM_MAX = 4 * NATURAL;
/** Fitting the width goes no further: on a wide screen the lines would be too tall to read. */
const WIDTH_MAX = 1.5 * NATURAL;

export type Zoom = 'width' | 'page' | number;

/** `size` as the sheet lies, `room` in CSS pixels. */
export function fitPage([w, h]: Size, [roomW, roomH]: Size): number {
  return Math.min(roomW / Math.max(1, w), roomH / Math.max(1, h));
}

/** From the whole page to 400 %. */
export function limited(scale: number, size: Size, room: Size): number {
  return Math.min(ZOOM_MAX, Math.max(Math.min(fitPage(size, room), ZOOM_MAX), scale));
}

export function scaleFor(zoom: Zoom, size: Size, room: Size): number {
  if (zoom === 'width') return Math.min(room[0] / Math.max(1, size[0]), WIDTH_MAX);
  if (zoom === 'page') return fitPage(size, room);
  return zoom;
}

export function percent(scale: number): number {
  return Math.round((scale / NATURAL) * 100);
}

/** The least density that looks sharp at a scale; `ratio` is device pixels per CSS pixel. */
export function densityFor(scale: number, ratio: number): ImageDpi {
  const wanted = scale * UNITS_PER_INCH * ratio;
  // An eighth more than there is goes unseen.
  const enough = IMAGE_DPI.find((dpi) => dpi >= READING_DPI && dpi * 1.125 >= wanted);
  return enough ?? IMAGE_DPI[IMAGE_DPI.length - 1] ?? READING_DPI;
}
