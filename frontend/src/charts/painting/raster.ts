import { dotColours, type Palette } from "./colours";
import type { Dots, Shape } from "./scene";
import { inside } from "./shapes";

const PHASES = 4; // places of a mark within a pixel, either way
const FINENESS = 4; // samples in a pixel, either way
const RIM = 0.9;

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

/** The pixels that a mark covers, as steps in a raster of some width, and how opaque they are. */
interface Stamp {
  half: number;
  steps: Int32Array;
  opacities: Uint8Array;
}

function stamp({ side, cover }: Mask, opacity: number, width: number): Stamp {
  const half = (side - 1) / 2;
  const covered = [...cover.keys()].filter((i) => Math.round(255 * opacity * cover[i]) > 0);
  return {
    half,
    steps: Int32Array.from(
      covered,
      (i) => (Math.floor(i / side) - half) * width + (i % side) - half,
    ),
    opacities: Uint8Array.from(covered, (i) => Math.round(255 * opacity * cover[i])),
  };
}

/** Stamps of each swatch in each phase. */
function stamps(dots: Dots, radius: number, opacity: number, width: number): Stamp[][] {
  return dots.palette.map(({ shape }) =>
    Array.from({ length: PHASES * PHASES }, (_, phase) =>
      stamp(mask(shape, radius, phase % PHASES, Math.floor(phase / PHASES)), opacity, width),
    ),
  );
}

/** Pixels that are not yet on a canvas: red, green, blue, opacity, not multiplied by it. */
export class Raster {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  /** The same, a number for each pixel: opacity, blue, green, red from the highest byte on. */
  readonly #pixels: Int32Array;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.data = new Uint8ClampedArray(4 * width * height);
    this.#pixels = new Int32Array(this.data.buffer);
  }

  clear(): void {
    this.#pixels.fill(0);
  }

  /** Paint dots; a pixel of the scene is `scale` pixels here. */
  dots(dots: Dots, scale: number, palette: Palette): void {
    const colours = dotColours(dots, palette);
    const marks = stamps(dots, dots.radius * scale, dots.opacity, this.width);
    const rims = dots.rim ? stamps(dots, (dots.radius + RIM) * scale, 0.9, this.width) : null;
    const [red, green, blue] = palette("--surface");
    const surface = red | (green << 8) | (blue << 16);
    for (let i = 0; i < dots.labels.length; i++) {
      const x = dots.x[i] * scale;
      const y = dots.y[i] * scale;
      if (!(x > -99 && y > -99 && x < this.width + 99 && y < this.height + 99)) continue;
      const left = Math.floor(x);
      const top = Math.floor(y);
      const phase = Math.floor((y - top) * PHASES) * PHASES + Math.floor((x - left) * PHASES);
      const label = dots.labels[i];
      if (rims !== null) this.#press(rims[label][phase], left, top, surface);
      const colour = colours[3 * i] | (colours[3 * i + 1] << 8) | (colours[3 * i + 2] << 16);
      this.#press(marks[label][phase], left, top, colour);
    }
  }

  /** Porter and Duff's "over", mark over what is there. */
  #press({ half, steps, opacities }: Stamp, left: number, top: number, colour: number): void {
    const { width, height } = this;
    const pixels = this.#pixels;
    const middle = top * width + left;
    const whole = left >= half && top >= half && left + half < width && top + half < height;
    const [red, green, blue] = [colour & 255, (colour >> 8) & 255, colour >> 16];
    for (let i = 0; i < steps.length; i++) {
      if (!whole && !this.#holds(left, top, steps[i])) continue;
      const at = middle + steps[i];
      const over = opacities[i];
      const there = pixels[at];
      if (there === 0) {
        pixels[at] = colour | (over << 24);
        continue;
      }
      const under = (there >>> 24) * (255 - over);
      const sum = 255 * over + under;
      const share = ((over * 65280) / sum) | 0; // in 256ths
      const r = there & 255;
      const g = (there >> 8) & 255;
      const b = (there >> 16) & 255;
      pixels[at] =
        (r + (((red - r) * share + 128) >> 8)) |
        ((g + (((green - g) * share + 128) >> 8)) << 8) |
        ((b + (((blue - b) * share + 128) >> 8)) << 16) |
        (((sum + 127) / 255) << 24);
    }
  }

  /** Whether a step from a place near the edge stays in the raster. */
  #holds(left: number, top: number, step: number): boolean {
    const down = Math.round(step / this.width);
    const right = step - down * this.width;
    const [x, y] = [left + right, top + down];
    return x >= 0 && y >= 0 && x < this.width && y < this.height;
  }
}
