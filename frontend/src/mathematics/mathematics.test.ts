import { describe, expect, test } from "vitest";

import type { Mixture } from "../api/types";
import { levels, regions } from "./contour";
import { credibleRadius } from "./credible";
import { curves } from "./curve";
import { densities, hardLabels, sharedDensities, uncertainties } from "./density";
import { ellipse } from "./ellipse";
import { logGamma } from "./gamma";
import { histogram } from "./histogram";
import { bandwidth, kernelDensity } from "./kernel";
import { marginal } from "./marginal";
import { nearestCentres } from "./nearest";
import { density as heightOf, interval, likelihood, seen, updated } from "./normal-mean";
import oracles from "./oracles.json";

const flat = (rows: (number | null)[][]) => Float64Array.from(rows.flat(), (cell) => cell ?? NaN);

function close(got: ArrayLike<number>, wanted: number[], relative = 1e-9, absolute = 1e-11) {
  expect(got.length).toBe(wanted.length);
  wanted.forEach((value, i) => {
    expect(Math.abs(got[i] - value)).toBeLessThanOrEqual(absolute + relative * Math.abs(value));
  });
}

const standard: Mixture = {
  weights: [1],
  means: [[0, 0]],
  covariances: [
    [
      [1, 0],
      [0, 1],
    ],
  ],
  noise: null,
  dof: null,
  spikes: null,
};

describe("densities", () => {
  for (const { name, mixture, rows, log_densities, responsibilities } of oracles.densities) {
    test(`as the library's: ${name}`, () => {
      const found = densities(flat(rows), mixture as Mixture);
      close(found.logDensities, log_densities);
      close(found.responsibilities, responsibilities.flat());
      const best = responsibilities.map((row) => row.indexOf(Math.max(...row)));
      expect([...hardLabels(found)]).toEqual(best);
      close(
        uncertainties(found),
        responsibilities.map((row) => 1 - Math.max(...row)),
      );
    });
  }

  test("a row at the end of the numbers belongs to the nearest component", () => {
    const mixture = { ...standard, weights: [0.5, 0.5], means: [[0, 0], [5, 0]], covariances: [standard.covariances[0], standard.covariances[0]] }; // prettier-ignore
    const found = densities(Float64Array.of(1e200, 0, -1e200, 0), mixture);
    expect(found.logDensities[0]).toBe(-Infinity);
    expect([...found.responsibilities.map(Math.round)].every(Number.isFinite)).toBe(true);
  });

  test("a component without volume takes no row", () => {
    const covariances = [standard.covariances[0], [[0, 0], [0, 0]]]; // prettier-ignore
    const found = densities(Float64Array.of(9, 9), {
      ...standard,
      weights: [0.5, 0.5],
      means: [
        [0, 0],
        [9, 9],
      ],
      covariances,
    });
    expect([...found.responsibilities]).toEqual([1, 0]);
  });

  test("the last few are not computed again", () => {
    const values = Float64Array.of(1, 2);
    expect(sharedDensities(values, standard)).toBe(sharedDensities(values, standard));
    expect(sharedDensities(Float64Array.of(1, 2), standard)).not.toBe(
      sharedDensities(values, standard),
    );
  });
});

test("log gamma as SciPy's", () => {
  for (const [x, wanted] of oracles.log_gammas) close([logGamma(x)], [wanted], 1e-14, 1e-14);
});

test("ellipses as by eigenvalues", () => {
  oracles.ellipses.ellipses.forEach((wanted, k) => {
    const found = ellipse(oracles.ellipses.mixture as Mixture, k, 0, 1);
    const turn = Math.sin(found.angle - wanted.angle);
    close([found.x, found.y, found.long, found.short, turn], [wanted.x, wanted.y, wanted.long, wanted.short, 0]); // prettier-ignore
  });
});

describe("curves", () => {
  test("integrate to 1, and their terms to the weights", () => {
    const mixture = oracles.densities[0].mixture as Mixture;
    const { x, mixture: whole, terms } = curves(mixture, 0, -40, 40);
    const integral = (y: Float64Array) =>
      y.reduce((sum, value, i) => sum + (i ? ((value + y[i - 1]) * (x[i] - x[i - 1])) / 2 : 0), 0);
    close([integral(whole)], [1], 0, 1e-3);
    close(terms.map(integral), mixture.weights, 0, 1e-3);
  });

  test("of a marginal: at the mean of one component, the height of a normal", () => {
    const { x, mixture } = curves(standard, 1, -1, 1);
    close([mixture[x.indexOf(0)]], [1 / Math.sqrt(2 * Math.PI)]);
  });
});

describe("one feature's data", () => {
  for (const { name, values, low, high, bandwidth: width, density, counts } of oracles.kernels) {
    test(`kernel density as SciPy's, bins as NumPy's: ${name}`, () => {
      const sample = Float64Array.from(values);
      close([bandwidth(sample)], [width], 1e-7);
      const found = kernelDensity(sample, low, high, 40)!;
      close(found.density, density, 0, 5e-4 * Math.max(...density));
      expect([...histogram(sample)!.counts]).toEqual(counts);
    });
  }

  test("without spread or without values", () => {
    expect(kernelDensity(Float64Array.of(3, 3), 2, 4, 10)).toBeNull();
    expect(histogram(Float64Array.of())).toBeNull();
    expect([...histogram(Float64Array.of(3, 3, NaN))!.counts]).toEqual([2]);
    expect(histogram(Float64Array.of(1, 1, 1, 1, 9))!.counts.length).toBe(4);
    const heavy = Float64Array.from({ length: 1000 }, (_, i) => (i === 0 ? 1e9 : i));
    expect(histogram(heavy)!.counts.length).toBe(120);
  });
});

describe("regions", () => {
  test("of a standard normal hold what they say", () => {
    const shares = [0.25, 0.5, 0.9];
    const wanted = shares.map((share) => Math.log(1 - share) - Math.log(2 * Math.PI));
    close(levels(standard, shares), wanted, 0, 0.05);
  });

  test("of a t distribution too", () => {
    const dof = 3;
    const found = levels({ ...standard, dof: [dof] }, [0.5]);
    const squared = dof * (0.5 ** (-2 / dof) - 1);
    const exact = -Math.log(2 * Math.PI) - ((dof + 2) / 2) * Math.log1p(squared / dof);
    close(found, [exact], 0, 0.05);
  });

  test("are rings at the radius of their share, the widest first", () => {
    const grid = { x: { low: -4, high: 4 }, y: { low: -4, high: 4 }, columns: 40, rows: 40 };
    const [wide, narrow] = regions(standard, [0, 1], [0.5, 0.9], grid);
    expect([wide.share, narrow.share]).toEqual([0.9, 0.5]);
    const radii = wide.rings[0].map(([c, r]) => Math.hypot(c / 5 - 4, r / 5 - 4));
    close(radii, radii.map(() => Math.sqrt(-2 * Math.log(0.1))), 0.02); // prettier-ignore
  });
});

test("a marginal keeps the features that are asked for, in their order", () => {
  const mixture = oracles.densities[5].mixture as Mixture;
  const part = marginal(mixture, [2, 0]);
  expect(part.means[1]).toEqual([mixture.means[1][2], mixture.means[1][0]]);
  expect(part.covariances[0][0][1]).toBe(mixture.covariances[0][2][0]);
  close([part.noise!.log_density], [-Math.log(23 * 26)]);
});

test("nearest centres by what is observed", () => {
  const centres = [
    [0, 0],
    [10, 10],
  ];
  expect([...nearestCentres(Float64Array.of(1, 1, 9, 8, NaN, 7), centres)]).toEqual([0, 1, 1]);
});

describe("the mean of a normal distribution", () => {
  for (const { prior, known, values, posterior, ends, heights } of oracles.normal_means) {
    test(`as the library's, of ${values.length} values`, () => {
      const data = seen(values);
      const after = updated(prior, data, known);
      close([after.location, after.variance], [posterior.location, posterior.variance], 1e-12);
      close(interval(after), ends);
      close(
        ends.map((end) => heightOf(after, end)),
        heights,
      );
    });

    test(`one by one as all at once, ${values.length} values`, () => {
      const after = values.reduce((so, value) => updated(so, seen([value]), known), prior);
      close([after.location, after.variance], [posterior.location, posterior.variance]);
    });
  }

  test("the likelihood is the posterior of a prior that says nothing", () => {
    const data = seen([2, 3, 7]);
    const flat = updated({ location: 50, variance: 1e12 }, data, 4);
    const { location, variance } = likelihood(data, 4)!;
    close([location, variance], [4, 4 / 3]);
    close([flat.location, flat.variance], [location, variance], 1e-9);
    expect(likelihood(seen([]), 4)).toBeNull();
  });
});

test("credible ellipses are as SciPy's F distribution has them", () => {
  for (const [dof, share, radius] of oracles.credible_radii) {
    close([credibleRadius(dof, share)], [radius]);
  }
});
