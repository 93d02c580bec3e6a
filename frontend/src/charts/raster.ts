import { dotColours, type Palette } from "./colours";
import type { Dots, Shape } from "./scene";
import { inside } from "./shapes";

const PHASES = 4; // places of a mark within a pixel, either way
const FINENESS = 4; // samples in a pixel, either way

/** How much of each pixel a mark covers. */
interface Mask {
  side: number;
  cover: Float32Array;
}

const masks = new Map<string, Mask>();

function mask(shape: Shape, radius: number, phaseX: number, phaseY: number): Mask {
  const key = `${shape} ${radius} ${phaseX} ${phaseY}`;
  const found = masks.get(key);
  if (found !== undefined) return found;
  const half = Math.ceil(radius * 1.3 + 0.5);
  const side = 2 * half + 1;
  const cover = new Float32Array(side * side);
  const x0 = half + (phaseX + 0.5) / PHASES;
  const y0 = half + (phaseY + 0.5) / PHASES;
  for (let i = 0; i < cover.length; i++) {
    let hits = 0;
    for (let sample = 0; sample < FINENESS ** 2; sample++) {
      const x = (i % side) + ((sample % FINENESS) + 0.5) / FINENESS;
      const y = Math.floor(i / side) + (Math.floor(sample / FINENESS) + 0.5) / FINENESS;
      if (inside(shape, (x - x0) / radius, (y - y0) / radius)) hits++;
    }
    cover[i] = hits / FINENESS ** 2;
  }
  if (masks.size > 2000) masks.clear();
  const made = { side, cover };
  masks.set(key, made);
  return made;
}

/** Pixels that are not yet on a canvas: red, green, blue, opacity, not multiplied by it. */
export class Raster {
  readonly data: Uint8ClampedArray<ArrayBuffer>;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.data = new Uint8ClampedArray(4 * width * height);
  }

  clear(): void {
    new Uint32Array(this.data.buffer).fill(0);
  }

  /** Paint dots; a pixel of the scene is `scale` pixels here. */
  dots(dots: Dots, scale: number, palette: Palette): void {
    const colours = dotColours(dots, palette);
    const shapes = dots.palette.map(({ shape }) => this.#masks(shape, dots.radius * scale));
    const rim = dots.rim ? dots.palette.map((p) => this.#masks(p.shape, (dots.radius + 0.9) * scale)) : null; // prettier-ignore
    const surface = palette("--surface");
    for (let i = 0; i < dots.labels.length; i++) {
      const x = dots.x[i] * scale;
      const y = dots.y[i] * scale;
      if (!(x > -99 && y > -99 && x < this.width + 99 && y < this.height + 99)) continue;
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const phase = Math.floor((y - top) * PHASES) * PHASES + Math.floor((x - left) * PHASES);
      const label = dots.labels[i];
      if (rim !== null) this.#stamp(rim[label][phase], left, top, ...surface, 0.9);
      const [r, g, b] = [colours[3 * i], colours[3 * i + 1], colours[3 * i + 2]];
      this.#stamp(shapes[label][phase], left, top, r, g, b, dots.opacity);
    }
  }

  #masks(shape: Shape, radius: number): Mask[] {
    return Array.from({ length: PHASES * PHASES }, (_, phase) =>
      mask(shape, radius, phase % PHASES, Math.floor(phase / PHASES)),
    );
  }

  /** Porter and Duff's "over", mark over what is there. */
  #stamp(
    { side, cover }: Mask,
    left: number,
    top: number,
    red: number,
    green: number,
    blue: number,
    opacity: number,
  ): void {
    const { data, width, height } = this;
    const half = (side - 1) / 2;
    const [fromX, toX] = [Math.max(0, half - left), Math.min(side, width + half - left)];
    const [fromY, toY] = [Math.max(0, half - top), Math.min(side, height + half - top)];
    for (let v = fromY; v < toY; v++) {
      let at = 4 * ((top + v - half) * width + left + fromX - half);
      for (let u = fromX; u < toX; u++, at += 4) {
        const over = cover[v * side + u] * opacity;
        if (over === 0) continue;
        const under = (data[at + 3] / 255) * (1 - over);
        const whole = over + under;
        const share = over / whole;
        data[at] += (red - data[at]) * share;
        data[at + 1] += (green - data[at + 1]) * share;
        data[at + 2] += (blue - data[at + 2]) * share;
        data[at + 3] = 255 * whole;
      }
    }
  }
}
