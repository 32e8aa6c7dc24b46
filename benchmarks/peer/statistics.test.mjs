import assert from "node:assert/strict";
import test from "node:test";
import { bootstrapMedian, lineFit, median, quantile, random } from "./statistics.mjs";

test("order statistics interpolate between neighbours", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(quantile([10, 20], 0.25), 12.5);
  assert.equal(quantile([7], 0.95), 7);
});

test("random numbers depend on the seed only and are uniform", () => {
  const draw = (seed) => Array.from({ length: 10_000 }, random(seed));
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
  const mean = draw(3).reduce((sum, value) => sum + value, 0) / 10_000;
  assert.ok(Math.abs(mean - 0.5) < 0.01, `${mean}`);
  assert.ok(draw(4).every((value) => value >= 0 && value < 1));
});

test("the bootstrap interval covers the median and is reproducible", () => {
  const values = [1.9, 2.0, 2.1, 2.2, 1.8, 2.0, 2.3, 1.7, 2.0, 2.1];
  const interval = bootstrapMedian(values);
  assert.deepEqual(interval, bootstrapMedian(values));
  assert.equal(interval.n, 10);
  assert.equal(interval.median, 2);
  assert.ok(interval.low >= 1.8 && interval.low <= 2 && interval.high >= 2 && interval.high <= 2.2, JSON.stringify(interval));
  assert.deepEqual(bootstrapMedian([5]), { n: 1, median: 5, low: 5, high: 5 });
});

test("the bootstrap interval of the median covers the truth about 95 times in 100", () => {
  const next = random(9);
  let covered = 0;
  for (let i = 0; i < 200; i++) {
    const { low, high } = bootstrapMedian(Array.from({ length: 15 }, () => next()), i, 500);
    covered += low <= 0.5 && 0.5 <= high ? 1 : 0;
  }
  assert.ok(covered >= 180, `${covered} of 200`);
});

test("the fitted line is the line the points lie on", () => {
  const fit = lineFit([[128, 3.128], [1024, 4.024], [8192, 11.192]]);
  assert.ok(Math.abs(fit.a - 3) < 1e-9 && Math.abs(fit.c - 0.001) < 1e-12);
  assert.equal(lineFit([[128, 3], [128, 4]]), null);
});
