import { createSubscriber } from "svelte/reactivity";

import type { Dots, Swatch, Token } from "./scene";

export type Rgb = readonly [number, number, number];
export type Palette = (token: Token) => Rgb;

const SHAPES = ["circle", "triangle", "square", "diamond"] as const;
const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3]];
const COLOURS = 8;

/** Colour of a component, from 0; from the ninth on they come again, in another shape and dash. */
export function componentColour(k: number): Token {
  return `--component-${(k % COLOURS) + 1}`;
}

/** Colour and shape of a component, from 0; of the noise for -1. */
export function componentSwatch(k: number): Swatch {
  if (k < 0) return NOISE;
  return { colour: componentColour(k), shape: SHAPES[Math.floor(k / COLOURS) % SHAPES.length] };
}

export function componentDash(k: number): number[] {
  return DASHES[Math.floor(k / COLOURS) % DASHES.length];
}

export const NOISE: Swatch = { colour: "--soft-ink", shape: "cross" };
export const PLAIN: Swatch = { colour: "--ink", shape: "circle" };

/** Swatches of a mixture's terms, the noise last. */
export function termSwatches(nComponents: number, noise: boolean): Swatch[] {
  const swatches = Array.from({ length: nComponents }, (_, k) => componentSwatch(k));
  return noise ? [...swatches, NOISE] : swatches;
}

export function css([red, green, blue]: Rgb, opacity = 1): string {
  return opacity === 1
    ? `rgb(${red},${green},${blue})`
    : `rgba(${red},${green},${blue},${opacity})`;
}

/** Colour of each dot, three numbers each. Shares are mixed as light, whose amount is about the square. */
export function dotColours(dots: Dots, palette: Palette): Uint8ClampedArray {
  const rgb = dots.palette.map(({ colour }) => palette(colour));
  const { labels, shares } = dots;
  const result = new Uint8ClampedArray(labels.length * 3);
  const squares = rgb.map((colour) => colour.map((value) => value * value));
  const terms = rgb.length;
  for (let i = 0, from = 0; i < labels.length; i++, from += terms) {
    for (let c = 0; c < 3; c++) {
      if (shares === null) {
        result[3 * i + c] = rgb[labels[i]][c];
        continue;
      }
      let sum = 0;
      for (let t = 0; t < terms; t++) sum += shares[from + t] * squares[t][c];
      result[3 * i + c] = Math.sqrt(sum);
    }
  }
  return result;
}

const known = new Map<string, Rgb>();

/** Run again whatever has asked for a colour when the theme changes. */
const followTheme = createSubscriber((update) => {
  const changed = () => {
    known.clear();
    update();
  };
  known.clear();
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", changed);
  const attributes = new MutationObserver(changed);
  attributes.observe(document.documentElement, {
    attributeFilter: ["data-theme", "class", "style"],
  });
  return () => {
    dark.removeEventListener("change", changed);
    attributes.disconnect();
  };
});

/** The colours of the theme that is on, or of the one that is named; asked of the browser once. */
export function palette(scheme?: "light"): Palette {
  followTheme();
  return (token) => {
    const key = `${scheme}${token}`;
    let colour = known.get(key);
    if (colour === undefined) known.set(key, (colour = asked(token, scheme)));
    return colour;
  };
}

/** light-dark() is resolved by the scheme of the element that uses it. */
function asked(token: Token, scheme: "light" | undefined): Rgb {
  const probe = document.createElement("span");
  if (scheme !== undefined) probe.style.colorScheme = scheme;
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color.match(/[\d.]+/g);
  probe.remove();
  const [red = 0, green = 0, blue = 0] = (found ?? []).map(Number);
  return [red, green, blue];
}
